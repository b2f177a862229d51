"""The peers' ledgers against the store's: what was acknowledged is there, and what is there has been
received once, or the store says why not. Numbers are those of engine/core (stored: append only)."""
import collections
import re

from peers import MESSAGE_BYTES, hash_of, message_bytes

FLAG_DUPLICATE, FLAG_SUPPRESSED = 1, 2
LINK_DUPLICATE_OF = 8
RUN_PASSED, RUN_SUPPRESSED = 1, 4
ATTENTION_PARKED = 5
OUTCOME_DELIVERED, OUTCOME_AMBIGUOUS = 1, 3
EVENT_BEGUN, EVENT_SETTLED, EVENT_DISARMED = 1, 2, 3
PROBLEMS_MAX = 20

BACKLOG = """
SELECT 'runs', count(*) FROM message m WHERE m.id > {after}
  AND NOT EXISTS (SELECT 1 FROM passage p WHERE p.id = m.id)
  AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.message = m.id)
UNION ALL
SELECT 'deliveries', count(*) FROM passage p CROSS JOIN unnest(p.destinations) AS d
WHERE p.id > {after}
  AND NOT EXISTS (SELECT 1 FROM settlement s WHERE s.id = p.id AND s.run = p.run
                  AND s.destination = d AND s.terminal)
  AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.message = p.id AND a.run = p.run
                  AND a.destination = d)
UNION ALL
SELECT 'attention in state ' || state, count(*) FROM attention WHERE state <> 5 GROUP BY state
"""

Message = collections.namedtuple("Message", "id control_id flags hash")
Delivery = collections.namedtuple("Delivery", "work hash armed")
Parked = collections.namedtuple("Parked", "state outcome suspect")


def backlog(site, after):
    """What is neither over nor put aside, in words; empty: nothing."""
    rows = site.query(BACKLOG.format(after=after))
    return ", ".join(f"{count} {what}" for what, count in rows if int(count) > 0)


class Stored:
    """All that the store holds of one channel's messages above an id."""

    def __init__(self, site, path, after):
        self.site = site
        channel = site.query(f"SELECT id FROM channel WHERE path = '{path}'")[0][0]
        self.messages, self.deliveries = [], {}
        for line in site.stored_ledger("--after", after).decode().splitlines():
            kind, number, of, *rest = line.split("\t")
            if of != channel:
                continue
            if kind == "M":
                self.messages.append(Message(int(number), rest[0], int(rest[1]), rest[2]))
            else:
                work = (int(number), int(rest[0]), int(rest[1]))
                self.deliveries[work] = Delivery(work, rest[2], rest[3] == "1")
        self.last = max([after] + [message.id for message in self.messages])
        self.runs = {int(number): int(state) for number, state in site.query(
            f"SELECT id, state FROM passage WHERE id > {after} ORDER BY id, run")}
        self.events = collections.defaultdict(list)
        for number, run, destination, event, outcome, terminal in site.query(
                "SELECT id, run, destination, event, outcome, terminal FROM settlement "
                f"WHERE id > {after} AND run > 0 ORDER BY id, seq"):
            self.events[(int(number), int(run), int(destination))].append(
                (int(event), int(outcome), terminal == "t"))
        self.parked = {(int(row[0]), int(row[1]), int(row[2])):
                       Parked(int(row[3]), int(row[4]), row[5] == "t") for row in site.query(
                           "SELECT message, run, destination, state, outcome, suspect "
                           f"FROM attention WHERE message > {after}")}
        self.originals = {int(number): int(other) for number, other in site.query(
            f"SELECT id, other FROM link WHERE kind = {LINK_DUPLICATE_OF} AND up AND id > {after}")}


class Comparison:
    """One round of one channel. `faults`: how many there were in it."""

    def __init__(self, channel, stored, arrivals, faults):
        self.channel, self.stored, self.arrivals, self.faults = channel, stored, arrivals, faults
        self.problems = []
        self.ambiguous = self.doubled = self.resent = 0
        self.copies = collections.defaultdict(list)
        for message in stored.messages:
            self.copies[message.control_id].append(message)
        self.received = collections.Counter(arrival[2] for arrival in arrivals)

    def run(self):
        self.check_acknowledged()
        self.check_duplicates()
        self.check_deliveries()
        self.check_order()
        self.check_bytes()
        return self.problems

    def problem(self, text):
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(f"{self.channel.path}: {text}")

    def check_acknowledged(self):
        for control_id, answer in self.channel.answers.items():
            if answer == "AA" and control_id not in self.copies:
                self.problem(f"{control_id} was acknowledged and is not stored")
            if answer not in ("AA", "AR"):
                self.problem(f"{control_id} was answered {answer}")
        for control_id in self.copies:
            if control_id not in self.channel.answers:
                self.problem(f"{control_id} is stored and was never sent")

    def check_duplicates(self):
        """A copy says of what; the first says nothing."""
        for control_id, copies in self.copies.items():
            self.resent += len(copies) - 1
            earlier = set()
            for message in copies:
                flagged = bool(message.flags & FLAG_DUPLICATE)
                linked = self.stored.originals.get(message.id) in earlier
                if earlier and not (flagged and linked):
                    self.problem(f"{control_id}: message {message.id} came before, and isn't marked")
                if not earlier and flagged:
                    self.problem(f"{control_id}: the first copy is marked as a duplicate")
                earlier.add(message.id)

    def check_deliveries(self):
        works = collections.defaultdict(list)
        for work, delivery in self.stored.deliveries.items():
            works[work[0]].append(delivery)
        for message in self.stored.messages:
            self.check_run(message, works.get(message.id, []))
        known = {delivery.hash for delivery in self.stored.deliveries.values()}
        for control_id, _, body_hash in self.arrivals:
            if body_hash not in known:
                self.problem(f"{control_id} was received with bytes that are not stored")
        if self.ambiguous > self.faults * self.channel.in_flight_max:
            self.problem(f"{self.ambiguous} parked as ambiguous by {self.faults} faults")

    def check_run(self, message, deliveries):
        parked = self.stored.parked.get((message.id, 1, 0))
        if parked:
            if not parked.suspect or parked.state != ATTENTION_PARKED:
                self.problem(f"message {message.id}: its run is in attention: {parked}")
            return
        state = self.stored.runs.get(message.id)
        suppressed = bool(message.flags & FLAG_SUPPRESSED)
        if state != (RUN_SUPPRESSED if suppressed else RUN_PASSED):
            self.problem(f"message {message.id}: its run ended in state {state}")
        if suppressed and not self.channel.suppresses:
            self.problem(f"message {message.id} was suppressed")
        if len(deliveries) != (0 if suppressed else 1):
            self.problem(f"message {message.id} has {len(deliveries)} deliveries")
        for delivery in deliveries:
            self.check_delivery(message, delivery)

    def check_delivery(self, message, delivery):
        events = self.stored.events[delivery.work]
        settled = [outcome for event, outcome, _ in events if event == EVENT_SETTLED]
        tries = (delivery.armed + sum(event == EVENT_BEGUN for event, *_ in events)
                 - sum(event == EVENT_DISARMED for event, *_ in events))
        ended = [outcome for _, outcome, terminal in events if terminal]
        parked = self.stored.parked.get(delivery.work)
        name = f"{message.control_id} (message {message.id})"
        times = self.received[delivery.hash]
        if parked:
            self.check_parked(name, parked, ended, times)
        elif ended != [OUTCOME_DELIVERED]:
            self.problem(f"{name}: its delivery ended as {ended}, by {events}")
        elif times == 0:
            self.problem(f"{name} is delivered, says the store, and was not received: {events}")
        if times > tries:
            self.problem(f"{name} was received {times} times in {tries} tries: {events}")
        if times > 1:
            self.doubled += 1
            if self.channel.on_ambiguous != "retry" or OUTCOME_AMBIGUOUS not in settled:
                self.problem(f"{name} was received {times} times: {events}")

    def check_parked(self, name, parked, ended, times):
        self.ambiguous += 1
        listed = parked.state == ATTENTION_PARKED and parked.outcome == OUTCOME_AMBIGUOUS
        if not listed or ended:
            self.problem(f"{name}: in attention as {parked}, ended as {ended}")
        if self.channel.on_ambiguous == "retry" and not parked.suspect:
            self.problem(f"{name} was parked, and is to be tried again: {parked}")
        if times > 1 and not parked.suspect:
            self.problem(f"{name} is parked and was received {times} times")

    def check_order(self):
        """First arrivals: of a patient's messages, and of the engine's numbers for them."""
        numbers = {delivery.hash: work[0] for work, delivery in self.stored.deliveries.items()}
        put_aside = {message.control_id for message in self.stored.messages
                     if any(work[0] == message.id for work in self.stored.parked)}
        seen, last_sequence, last_number = set(), {}, {}
        for control_id, sequence, body_hash in self.arrivals:
            patient = control_id.split("-")[0]
            if body_hash not in seen:
                number = numbers.get(body_hash, 0)
                if number < last_number.get(patient, 0):
                    self.problem(f"{control_id} (message {number}) came after a later message")
                last_number[patient] = number
            if control_id not in seen and control_id not in put_aside:
                if sequence < last_sequence.get(patient, 0):
                    self.problem(f"{control_id} came after {last_sequence[patient]}")
                last_sequence[patient] = sequence
            seen.update((body_hash, control_id))

    def check_bytes(self):
        """All bodies by hash; of some, the output as the script must have made it."""
        programs = self.stored.site.build / "tools"
        for message in self.stored.messages[::max(1, len(self.stored.messages) // 10)]:
            sent = message_bytes(programs, message.control_id, MESSAGE_BYTES)
            if hash_of(sent) != int(message.hash, 16):
                self.problem(f"{message.control_id} is not stored as it was sent")
            delivery = next((each for work, each in self.stored.deliveries.items()
                             if work[0] == message.id), None)
            if delivery is None:
                continue
            output = self.stored.site.stored_ledger("--body", message.id)
            if hash_of(output) != int(delivery.hash, 16):
                self.problem(f"{message.control_id}: the ledger contradicts itself")
            if not re.fullmatch(expected_output(sent), output):
                self.problem(f"{message.control_id}: the script has made something else")


def expected_output(sent):
    """A pattern: the script of installation.py, done here by splitting and joining."""
    head, rest = sent.split(b"\r", 1)
    fields = head.split(b"|")
    fields[4] = b"LAB"
    return (re.escape(b"|".join(fields) + b"\r" + rest)
            + rb"ZFT\|1\|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\r")
