"""causeway queue show: what waits, is held or parked, and how it empties."""
import json
import os
from unittest import mock

from command_line import eventually, message
from commands.api_client import Api
from commands.running import EngineCase
from mllp_peers import Client, Receiver, msa

QUEUE_MAX = 5  # of queue/full
SILENCE_S = 1.5


def send_one_at_a_time(client, messages):
    """How many were answered before the source stood still."""
    client.socket.settimeout(SILENCE_S)
    for number, each in enumerate(messages):
        client.send(each)
        try:
            client.answer()
        except TimeoutError:
            return number
    return len(messages)


class Queues(EngineCase):
    def queue(self, path):
        return self.site.queue("--channel", path, "--rows", "100")

    def eventually_shown(self, path, *parts):
        eventually(lambda: all(part in self.queue(path) for part in parts), 20,
                   lambda: f"{parts} in the queue:\n{self.queue(path)}", 0.2)

    def test_nothing_waits(self):
        self.assertEqual(self.queue("reply/done"), "nothing waits\n")

    def test_a_destination_that_is_away_and_comes_back(self):
        sent = [message(f"DEAD{number}") for number in range(4)]
        for each in sent:
            self.accepted("queue/dead", each)
        self.eventually_shown("queue/dead", "queue/dead > out", "queued: 3", "waiting: 1",
                              "next try", "Connection refused")
        receiver = Receiver(self.running.dead_port)
        self.addCleanup(receiver.stop)
        self.eventually_shown("queue/dead", "nothing waits")
        self.assertEqual(receiver.received, sent)

    def test_a_held_lane(self):
        self.accepted("queue/held", message("HELD1"))
        self.accepted("queue/held", message("HELD2"))
        self.eventually_shown("queue/held", "held: 1", "queued: 1", "AE: no such ward")
        self.assertEqual([each for each in self.running.naking.received if b"HELD2" in each], [])

    def test_parked_messages(self):
        self.accepted("queue/parked", message("PARKED1"))
        self.accepted("queue/parked", message("PARKED2"))
        ids = [self.site.find("--term", f"MSH-10=PARKED{number}")[0]["id"] for number in (1, 2)]
        self.eventually_shown("queue/parked", "parked: ", "AE: no such ward", *ids)
        found = self.site.find("--term", "MSH-10=PARKED2")[0]
        self.assertTrue(found["attention"])
        attention = self.site.show(found["id"])["attention"][0]
        self.assertEqual((attention["destination"], attention["state"], attention["outcome"]),
                         ("out", "parked", "rejected"))

    def test_an_engine_elsewhere_is_asked_by_its_url(self):
        self.accepted("queue/parked", message("AFAR1"))
        self.eventually_shown("queue/parked", "AE: no such ward")
        api = Api(self.site)
        url = f"http://127.0.0.1:{api.address.port}"
        for role, content in (("operator", True), ("viewer", False)):
            token = api.add_token(f"afar-{role}", role, "queue")
            with mock.patch.dict(os.environ, {"CAUSEWAY_TOKEN": token}):
                done = self.site.run("queue", "show", "--url", url)
                as_json = self.site.run("queue", "show", "--url", url, "--json")
            self.assertEqual(done.code, 0, done)
            self.assertIn("queue/parked > out", done.out)
            self.assertNotIn("lab/", done.out)
            self.assertEqual("AE: no such ward" in done.out, content, role)
            queues = [json.loads(line) for line in as_json.out.splitlines()]
            self.assertIn("queue/parked", [queue["channel"] for queue in queues])

    def test_rows_are_limited(self):
        self.accepted("queue/parked", message("PARKED3"))
        self.accepted("queue/parked", message("PARKED4"))
        self.eventually_shown("queue/parked", "parked: ")
        out = self.site.queue("--channel", "queue/parked", "--rows", "1")
        self.assertEqual(out.count(" run 1 parked"), 1)

    def test_a_script_that_fails_holds_its_lane(self):
        self.accepted("queue/failing", message("FAILING1", name="FAIL"))
        self.accepted("queue/failing", message("FAILING2"))
        self.eventually_shown("queue/failing", "queue/failing > run", "held: 1",
                              "transform.js:2:", "this patient fails")
        shown = self.site.show(self.site.find("--term", "MSH-10=FAILING1")[0]["id"])
        self.assertEqual(shown["runs"][0]["state"], "failed")
        self.assertIn("this patient fails", shown["runs"][0]["steps"][0]["error"])

    def test_what_has_no_header_is_parked_and_holds_nobody(self):
        self.assertEqual(self.running.send("queue/unreadable", b"good evening").code, 1)
        self.accepted("queue/unreadable", message("AFTER1"))
        eventually(lambda: any(b"AFTER1" in each for each in self.running.good.received), 20,
                   "the next message is sent on")
        self.eventually_shown("queue/unreadable", "parked: 1", "does not begin with MSH")

    def test_doctor_sees_it(self):
        self.accepted("queue/parked", message("PARKED5"))
        self.eventually_shown("queue/parked", "parked: ")
        done = self.site.run("doctor", "--data", self.site.data)
        self.assertEqual(done.code, 1)
        self.assertRegex(done.out, r"BAD +queues: held or parked: \d+")
        self.assertIn("causeway queue show", done.out)

    def test_a_full_queue_holds_the_source(self):
        sent = [message(f"FULL{number:02}") for number in range(4 * QUEUE_MAX)]
        with Client(self.running.ports["queue/full"]) as client:
            answered = send_one_at_a_time(client, sent)
            self.assertGreaterEqual(answered, QUEUE_MAX)
            self.assertLess(answered, len(sent))
            receiver = Receiver(self.running.full_port)
            self.addCleanup(receiver.stop)
            client.socket.settimeout(20)
            self.assertEqual(msa(client.answer())[:2], ("AA", f"FULL{answered:02}".encode()))
            for each in sent[answered + 1:]:
                self.assertEqual(msa(client.ask(each))[0], "AA")
        eventually(lambda: len(receiver.received) >= len(sent), 20, "all arrive")
        self.assertEqual(receiver.received, sent)

    def stop_or_go(self, verb, *words, destination="out"):
        return self.site.run("queue", verb, "--channel", "queue/stopped", "--destination",
                             destination, "--reason", "the ward moves", *words, "--data",
                             self.site.data)

    def test_a_lane_stands_still_until_it_is_released(self):
        def arrived():
            return [each for each in ("STOP1", "STOP2", "STOP3")
                    if any(each.encode() in got for got in self.running.good.received)]
        self.accepted("queue/stopped", message("STOP1", patient="81"))
        eventually(lambda: arrived() == ["STOP1"], 20, arrived)
        first = self.site.find("--term", "MSH-10=STOP1")[0]["id"]
        done = self.stop_or_go("hold", "--lane-of", first)
        self.assertEqual((done.code, done.out), (0, "held: lanes: 1\n"), done)
        self.accepted("queue/stopped", message("STOP2", patient="81"))
        self.accepted("queue/stopped", message("STOP3", patient="82"))
        eventually(lambda: arrived() == ["STOP1", "STOP3"], 20, arrived)
        self.eventually_shown("queue/stopped", f"the lane of {first}, the ward moves", "behind: 1")
        done = self.stop_or_go("release", "--lane-of", first)
        self.assertEqual(done.code, 0, done)
        eventually(lambda: len(arrived()) == 3, 20, arrived)
        self.eventually_shown("queue/stopped", "nothing waits")
        again = self.stop_or_go("release", "--all")
        self.assertIn("nothing of this is held by a person", again.err, again)
        again = self.stop_or_go("hold", "--lane-of", first, destination="nowhere")
        self.assertIn("no such destination", again.err, again)
        trail = self.site.ask("audit", "find", "--limit", "50").out
        self.assertIn("hold_lanes", trail)
        self.assertIn("release_lanes", trail)

    def decide(self, decision, path, *words, destination="out"):
        return self.site.run("queue", decision, "--channel", path, "--destination", destination,
                             "--reason", "the lab opened again", *words, "--data", self.site.data)

    def hold(self, name, *control_ids):
        """A lane whose first message is refused and held; all messages' numbers."""
        self.running.mendable.code = b"AE"
        for each in control_ids:
            self.accepted(f"mend/{name}", message(each))
        self.eventually_shown(f"mend/{name}", "held: 1", f"queued: {len(control_ids) - 1}")
        return [self.site.find("--term", f"MSH-10={each}")[0]["id"] for each in control_ids]

    def received(self, *control_ids):
        return [each for each in self.running.mendable.received
                if any(name.encode() in each for name in control_ids)]

    def test_a_held_lane_goes_on_when_it_is_retried(self):
        first, second = self.hold("retried", "RETRIED1", "RETRIED2")
        shown = self.decide("retry", "mend/retried", "--dry-run")
        self.assertIn("it would be about 1", shown.out, shown)
        self.assertIn(first, shown.out)
        self.running.mendable.code = b"AA"
        done = self.decide("retry", "mend/retried")
        self.assertEqual((done.code, done.out.splitlines()[0]), (0, "done: 1, 0 refused"), done)
        self.eventually_shown("mend/retried", "nothing waits")
        self.assertEqual(self.received("RETRIED1", "RETRIED2"),
                         [message("RETRIED1"), message("RETRIED1"), message("RETRIED2")])
        self.assertNotIn(second, done.out)

    def test_a_message_left_out_is_not_sent_and_its_lane_goes_on(self):
        first, _ = self.hold("skipped", "SKIPPED1", "SKIPPED2")
        self.running.mendable.code = b"AA"
        done = self.decide("skip", "mend/skipped", "--message", first)
        self.assertEqual(done.code, 0, done)
        self.eventually_shown("mend/skipped", "nothing waits")
        self.assertEqual(self.received("SKIPPED1", "SKIPPED2"),
                         [message("SKIPPED1"), message("SKIPPED2")])
        history = self.site.ask("messages", "show", first).out
        self.assertIn("skipped", history)
        self.assertIn("the lab opened again", history)
        again = self.decide("retry", "mend/skipped", "--message", first)
        self.assertIn("done: 0", again.out, again)

    def test_an_edited_content_takes_the_held_one_s_place(self):
        first, _ = self.hold("edited", "EDITED1", "EDITED2")
        self.running.mendable.code = b"AA"
        content = self.site.folder / "edited.hl7"
        content.write_bytes(message("EDITED1", name="MENDED"))
        done = self.decide("edit", "mend/edited", "--message", first, "--content", content)
        self.assertEqual(done.code, 0, done)
        self.eventually_shown("mend/edited", "nothing waits")
        self.assertEqual(self.received("EDITED1", "EDITED2"),
                         [message("EDITED1"), message("EDITED1", name="MENDED"),
                          message("EDITED2")])
        self.assertEqual(self.site.body(first), message("EDITED1"))
        self.assertEqual(self.site.ask("messages", "show", first, "--sent", "out").out_bytes,
                         message("EDITED1", name="MENDED"))
        history = self.site.ask("messages", "show", first).out
        self.assertIn("and then edited: sent as", history)
        self.assertRegex(history, r"goes on with the content of \w+: local:\w+: the lab opened again")
        trial, = [json.loads(line) for line in self.site.run(
            "replay", "start", "--dry-run", "--through", "as_sent", "--message", first, "--json", "--data",
            self.site.data).out.splitlines()]
        self.assertEqual(trial["deliveries"][0]["differences"], [])
        link, = self.site.show(first)["links"]
        self.assertEqual(link["kind"], "edit")
        edit = self.site.show(link["child"])
        self.assertEqual((edit["body"].encode(), edit["runs"][0]["state"]),
                         (message("EDITED1", name="MENDED"), "suppressed"))
        self.assertIn("edit", edit["flags"])
        again = self.decide("edit", "mend/edited", "--message", first, "--content", content)
        self.assertIn("neither waits nor is held", again.err, again)

    def test_an_edited_message_goes_through_the_scripts(self):
        self.accepted("queue/editable", message("EDITED3", name="FAIL"))
        self.accepted("queue/editable", message("EDITED4"))
        self.eventually_shown("queue/editable", "held: 1")
        held = self.site.find("--term", "MSH-10=EDITED3")[0]["id"]
        content = self.site.folder / "edited.hl7"
        content.write_bytes(message("EDITED3", name="MENDED"))
        done = self.decide("edit", "queue/editable", "--message", held, "--content", content,
                           destination="run")
        self.assertEqual(done.code, 0, done)
        self.eventually_shown("queue/editable", "nothing waits")
        arrived = [each for each in self.running.good.received if b"|EDITED" in each]
        self.assertEqual([each.split(b"|")[9] for each in arrived], [b"EDITED3", b"EDITED4"])
        self.assertIn(b"MENDED", arrived[0])

    def test_decisions_that_make_no_sense_are_refused_in_words(self):
        for words, said in [(("--message", "nonsense"), "no number of a message"),
                            (("--run", "0"), "run"), (("--state", "lost"), "state")]:
            done = self.decide("discard", "mend/discarded", *words)
            self.assertNotEqual(done.code, 0, done)
            self.assertIn(said, done.err, done)
        done = self.decide("discard", "mend/discarded", destination="nowhere")
        self.assertIn("no such destination", done.err, done)
        done = self.decide("mark-delivered", "mend/discarded", destination="run")
        self.assertIn("a run is not delivered", done.err, done)
        done = self.decide("discard", "mend/absent")
        self.assertNotEqual(done.code, 0, done)
