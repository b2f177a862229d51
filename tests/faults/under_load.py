"""Two channels under load in one installation, and the comparison of all ledgers after each round."""
import os
import time

from comparison import Comparison, Stored, backlog
from installation import DatabaseAway, Failure, eventually, free_port
from peers import Channel, Sender

RATE = 250  # messages a second and channel
DRAIN_PATIENCE_S = 180


class UnderLoad:
    def __init__(self, site):
        self.site = site
        # The first channel's peers see duplicates, all of them flagged; the second's see none.
        self.channels = [
            Channel(self.site, "faults/retrying", free_port(), "retry", "mark", "nak"),
            Channel(self.site, "faults/parking", free_port(), "park_and_continue", "suppress",
                    "stop_reading")]
        self.site.gates = [gate for channel in self.channels
                           for gate in (channel.before_source, channel.before_receiver)]
        self.run = self.after = 0
        self.totals = {"messages": 0, "resent": 0, "ambiguous": 0, "doubled": 0}

    def close(self):
        try:
            for channel in self.channels:
                channel.stop()
        finally:
            self.site.remove()

    def load_while(self, seconds, action):
        """Runs action() under `seconds` of load; returns when everything sent has been answered."""
        self.run += 1
        senders = [Sender(self.site.build / "tools", channel.before_source.port, self.run, seconds,
                          RATE, self.site.folder / f"sent-{number}")
                   for number, channel in enumerate(self.channels)]
        try:
            action()
            for sender, channel in zip(senders, self.channels):
                channel.answers.update(sender.finish())
        finally:
            for sender in senders:
                sender.stop()

    def wait_drained(self):
        left = ["unknown"]

        def drained():
            try:
                left[0] = backlog(self.site, self.after)
            except DatabaseAway as away:
                left[0] = str(away)
            return not left[0]
        eventually(drained, DRAIN_PATIENCE_S,
                   lambda: f"no backlog: {left[0]}\n{self.open_work()}\n"
                           f"{self.site.log_text()[-3000:]}", every_s=0.3)

    def open_work(self):
        """Of deliveries that are not over, what the store knows, and where the engine's threads are."""
        if os.environ.get("CAUSEWAY_STAY"):
            print(f"stays for inspection: {self.site.data}", flush=True)
            time.sleep(3600)
        rows = self.site.query(
            "SELECT p.id, p.run, d, p.at, p.state, p.channel FROM passage p"
            " CROSS JOIN unnest(p.destinations) AS d"
            f" WHERE p.id > {self.after} AND NOT EXISTS (SELECT 1 FROM settlement s"
            "  WHERE s.id = p.id AND s.run = p.run AND s.destination = d AND s.terminal)"
            " AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.message = p.id AND a.run = p.run"
            "  AND a.destination = d) LIMIT 5")
        events = [self.site.query(f"SELECT seq, event, attempt, outcome, terminal FROM settlement"
                                  f" WHERE id = {row[0]} ORDER BY seq") for row in rows]
        return "\n".join(f"{row}: {each}" for row, each in zip(rows, events))

    def compare(self, faults_made):
        problems, last = [], self.after
        for channel in self.channels:
            stored = Stored(self.site, channel.path, self.after)
            comparison = Comparison(channel, stored, channel.recorder.new_arrivals(), faults_made)
            problems += comparison.run()
            for key, value in (("messages", len(stored.messages)), ("resent", comparison.resent),
                               ("ambiguous", comparison.ambiguous),
                               ("doubled", comparison.doubled)):
                self.totals[key] += value
            last = max(last, stored.last)
            channel.answers = {}
        self.after = last
        if problems:
            raise Failure("\n".join(problems))
