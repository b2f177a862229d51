#!/usr/bin/env python3
"""The comparison is what the kills are judged by, so it is judged here: each thing that may not
happen is made to have happened, and must be reported."""
import types
import unittest

from comparison import Comparison, Delivery, Message, Parked

ARMED = [(2, 1, True)]  # armed by its passage, then settled: delivered
LOST = [(2, 3, False)]  # a try whose outcome is not known


class WithoutBodies(Comparison):
    def check_bytes(self):
        pass


class Rounds(unittest.TestCase):
    """Three messages of one patient, stored, delivered and received once; then something changes."""

    def setUp(self):
        self.channel = types.SimpleNamespace(path="c", on_ambiguous="park_and_continue",
                                             suppresses=True, in_flight_max=1, answers={})
        self.stored = types.SimpleNamespace(messages=[], deliveries={}, runs={}, events={},
                                            parked={}, originals={})
        self.arrivals = []
        for number in (1, 2, 3):
            self.add(number, f"0010000001-{number}")
            self.arrivals.append((f"0010000001-{number}", number, f"hash{number}"))

    def add(self, number, control_id, flags=0, delivered=True):
        self.channel.answers[control_id] = "AA"
        self.stored.messages.append(Message(number, control_id, flags, ""))
        self.stored.runs[number] = 1 if delivered else 4
        if delivered:
            work = (number, 1, 9)
            self.stored.deliveries[work] = Delivery(work, f"hash{number}", True)
            self.stored.events[work] = list(ARMED)

    def add_copy(self, flags, original):
        self.add(4, "0010000001-3", flags, delivered=False)
        if original:
            self.stored.originals[4] = original

    def park(self, number, outcome=3, suspect=False):
        self.stored.events[(number, 1, 9)] = list(LOST)
        self.stored.parked[(number, 1, 9)] = Parked(5, outcome, suspect)

    def problems(self, faults=1):
        return WithoutBodies(self.channel, self.stored, self.arrivals, faults).run()

    def assert_problem(self, words):
        problems = self.problems()
        self.assertTrue(any(words in each for each in problems), problems)

    def test_all_is_well(self):
        self.assertEqual(self.problems(), [])

    def test_acknowledged_and_not_stored(self):
        self.channel.answers["0010000001-4"] = "AA"
        self.assert_problem("acknowledged and is not stored")

    def test_refused_and_not_stored_is_well(self):
        self.channel.answers["0010000001-4"] = "AR"
        self.assertEqual(self.problems(), [])

    def test_stored_and_never_sent(self):
        del self.channel.answers["0010000001-2"]
        self.assert_problem("was never sent")

    def test_delivered_and_not_received(self):
        self.arrivals.pop(1)
        self.assert_problem("was not received")

    def test_received_twice_where_nothing_may_be(self):
        self.stored.events[(2, 1, 9)] = LOST + [(1, 3, False), (2, 1, True)]
        self.arrivals.append(self.arrivals[1])
        self.assert_problem("was received 2 times")

    def test_received_twice_and_flagged_is_well_with_retry(self):
        self.channel.on_ambiguous = "retry"
        self.stored.events[(2, 1, 9)] = LOST + [(1, 3, False), (2, 1, True)]
        self.arrivals.append(self.arrivals[1])
        self.assertEqual(self.problems(), [])

    def test_received_twice_in_one_try(self):
        self.channel.on_ambiguous = "retry"
        self.arrivals.append(self.arrivals[1])
        self.assert_problem("2 times in 1 tries")

    def test_parked_is_well_whether_received_or_not(self):
        self.park(2)
        self.assertEqual(self.problems(), [])
        self.arrivals.pop(1)
        self.assertEqual(self.problems(), [])

    def test_more_parked_than_were_in_flight(self):
        self.park(2)
        self.park(3)
        self.assert_problem("2 parked as ambiguous")

    def test_parked_for_another_reason(self):
        self.park(2, outcome=4)
        self.assert_problem("in attention as")

    def test_received_with_other_bytes(self):
        self.arrivals.append(("0010000001-3", 3, "other"))
        self.assert_problem("bytes that are not stored")

    def test_out_of_order(self):
        self.arrivals.reverse()
        self.assert_problem("came after")

    def test_copies(self):
        self.add_copy(3, original=3)
        self.assertEqual(self.problems(), [])

    def test_a_copy_that_is_not_marked(self):
        self.add_copy(2, original=3)
        self.assert_problem("isn't marked")

    def test_a_copy_that_is_not_linked(self):
        self.add_copy(3, original=1)
        self.assert_problem("isn't marked")

    def test_a_run_that_failed(self):
        self.stored.runs[2] = 3
        self.assert_problem("its run ended in state 3")

    def test_no_delivery(self):
        del self.stored.deliveries[(2, 1, 9)]
        self.assert_problem("has 0 deliveries")


if __name__ == "__main__":
    unittest.main()
