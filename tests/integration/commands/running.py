"""The one engine that most tests of the commands share, with its channels and their receivers."""
import unittest

from commands import validation
from command_line import SCRIPT, Site, free_port
from mllp_peers import Receiver

READY_ONCE = 1
STAGES = [{"type": "transform", "file": "transform.js"}]
BAD_CHANNEL = """\
{
  "source": { "type": "mllp", "port": 6661 },
  "serach": ["MSH-10"],
  "destinations": { "out": { "type": "mllp", "host": "127.0.0.1", "port": 6662 } }
}
"""


def to(receiver_port, **fields):
    """An MLLP destination that is tried again soon."""
    return {"type": "mllp", "host": "127.0.0.1", "port": receiver_port,
            "retry": {"first_ms": 100, "max_ms": 400}, **fields}


class Running:
    def __init__(self, build):
        self.site = Site(build, "commands")
        self.ports = {}
        self.good, self.naking, self.silent = Receiver(), Receiver(code=b"AE", text=b"no such ward"), \
            Receiver(code=None)
        self.dead_port, self.full_port, self.away_port = free_port(), free_port(), free_port()
        self.times_started = 0
        self.add_channels()

    def add(self, path, destinations, script=SCRIPT, **more):
        config = {"search": ["MSH-10", "PID-3.1", "PID-18"], "destinations": destinations, **more}
        if "source" not in config:
            self.ports[path] = free_port()
            config["source"] = {"type": "mllp", "port": self.ports[path]}
        self.site.add_channel(path, config, script)

    def add_channels(self):
        good, naking, silent = self.good.port, self.naking.port, self.silent.port
        self.add("lab/script", {"out": to(good)}, stages=STAGES, order_by="PID-3.1")
        self.add("lab/through", {"out": to(good)})
        self.add("lab/unreadable", {"out": to(good)})
        self.add("hop/first", {"next": {"type": "channel", "channel": "hop/second"}}, stages=STAGES)
        self.add("hop/second", {"out": to(good)}, source={"type": "channel"})
        self.add("queue/dead", {"out": to(self.dead_port)})
        self.add("queue/full", {"out": to(self.full_port, queue_max=5)})
        self.add("queue/held", {"out": to(naking, on_rejected="hold_lane")})
        self.add("queue/parked", {"out": to(naking, on_rejected="park_and_continue")})
        self.mendable = Receiver(code=b"AE", text=b"closed")
        self.add("queue/stopped", {"out": to(good)}, order_by="PID-3.1")
        for name in ("retried", "skipped", "discarded", "edited"):
            self.add(f"mend/{name}", {"out": to(self.mendable.port, on_rejected="hold_lane")})
        self.add("queue/unreadable", {"out": to(good)}, stages=STAGES)
        self.add("errors/causes", {"out": to(good)}, order_by="PID-3.1",
                 stages=[dict(STAGES[0], on_error="park_and_continue")])
        self.add("errors/parked", {"out": to(naking, on_rejected="park_and_continue")})
        self.add("errors/away", {"out": to(self.away_port)})
        self.add("queue/editable", {"out": to(good)}, stages=STAGES)
        self.add("queue/failing", {"out": to(good)}, stages=STAGES)
        self.add("copies/mark", {"out": to(good)}, duplicates="mark")
        self.add("copies/suppress", {"out": to(good)}, duplicates="suppress")
        self.add("reply/done", {"good": to(good), "other": to(good)}, reply={"when": "done"})
        self.add("reply/worst", {"good": to(good), "naking": to(naking)}, reply={"when": "done"})
        self.add("reply/named", {"good": to(good), "naking": to(naking)},
                 reply={"when": "destination", "destination": "naking"})
        self.add("reply/silent", {"silent": to(silent, reply_timeout_ms=60000)},
                 reply={"when": "done", "timeout_ms": 700, "on_timeout": "AR"})
        validation.add_channels(self, good)
        bad = self.site.channels / "bad" / "misspelt"
        bad.mkdir(parents=True)
        (bad / "channel.json").write_text(BAD_CHANNEL)

    def start(self):
        self.times_started += 1
        self.site.start("--metrics-port", "0")
        self.site.wait_ready(self.times_started)

    def send(self, path, message, *words):
        return self.site.send(self.ports[path], message, *words)

    def close(self):
        self.site.remove()
        for receiver in (self.good, self.naking, self.silent, self.mendable):
            receiver.stop()


class EngineCase(unittest.TestCase):
    """A test that uses the shared engine, started before the first of them."""
    build = None
    running = None

    @classmethod
    def setUpClass(cls):
        if EngineCase.running is None:
            EngineCase.running = Running(EngineCase.build)
            EngineCase.running.start()
        cls.site = EngineCase.running.site

    @classmethod
    def end(cls):
        if EngineCase.running:
            EngineCase.running.close()

    def accepted(self, path, message, *words):
        """Sends it, and gives the answer."""
        done = self.running.send(path, message, *words)
        self.assertEqual(done.code, 0, done)
        return done.out
