"""causeway deploy and channels, on an engine of their own: what is refused leaves what runs as it is."""
import json
import shutil
import socket
import unittest

from command_line import SCRIPT, Site, eventually, free_port, message
from commands.running import EngineCase, to
from mllp_peers import Receiver


class Deploying(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site(EngineCase.build, "deploying")
        cls.receiver = Receiver()
        cls.port = free_port()
        cls.folder = cls.site.folder / "to_deploy"
        cls.site.start("--api-port", "0")
        cls.times = 1
        cls.site.wait_ready(cls.times)

    @classmethod
    def tearDownClass(cls):
        try:
            cls.receiver.stop()
        finally:
            cls.site.remove()

    def write(self, path, port=None, destinations=None, script=SCRIPT, **more):
        config = {"search": ["MSH-10"], "stages": [{"type": "transform", "file": "transform.js"}],
                  "source": {"type": "mllp", "port": port} if port else {"type": "channel"},
                  "destinations": destinations or {"out": to(self.receiver.port)}, **more}
        folder = self.folder / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "channel.json").write_text(json.dumps(config))
        (folder / "transform.js").write_text(script)

    def causeway(self, *words, code=0):
        done = self.site.run(*words, "--data", self.site.data)
        self.assertEqual(done.code, code, done)
        return done.out + done.err

    def deploy(self, *words, code=0):
        return self.causeway("deploy", self.folder, *words, code=code)

    def only(self, path, *words, code=0):
        return self.deploy("--only", path, *words, code=code)

    def restart(self):
        self.assertEqual(self.site.stop(), 0)
        self.site.start("--api-port", "0")
        type(self).times += 1
        self.site.wait_ready(self.times)

    def accepted(self, port, control_id):
        done = self.site.send(port, message(control_id))
        self.assertEqual(done.code, 0, done)
        eventually(lambda: control_id in str(self.receiver.received), 20, f"{control_id} received")

    def test_a_secret_that_is_written_out_is_refused_with_place_and_remedy(self):
        self.write("secret/one", free_port(),
                   script=SCRIPT.replace("{\n", '{\n  const password = "hunter22";\n', 1))
        try:
            said = self.only("secret/one", code=1)
        finally:
            shutil.rmtree(self.folder / "secret")
        self.assertRegex(said, r"secret/one/transform\.js:2:\d+: a secret is written out")
        self.assertIn("causeway secret set NAME", said)
        self.assertNotIn("hunter", said)
        self.assertIn("no such channel is deployed",
                      self.causeway("channels", "show", "secret/one", code=1))

    def test_a_channel_s_own_folder(self):
        self.write("alone/good", free_port())
        self.write("alone/bad", free_port(), destination={})
        try:
            self.causeway("deploy", self.folder / "alone" / "good")
            said = self.causeway("deploy", self.folder / "alone" / "bad", code=1)
        finally:
            shutil.rmtree(self.folder / "alone")
        self.assertIn("started", self.causeway("channels", "show", "good"))
        self.assertIn('did you mean "destinations"?', said)

    def test_the_life_of_a_channel(self):
        port = free_port()
        self.write("life/one", port)
        self.assertIn("life/one: added\n", self.only("life/one", "--dry-run"))
        self.assertIn("no such channel is deployed", self.causeway("channels", "show", "life/one", code=1))
        self.assertIn("life/one: added, revision", self.only("life/one", "--comment", "the first"))
        self.assertIn("unchanged: 1", self.only("life/one"))
        self.accepted(port, "LIFE1")
        self.write("life/one", port, script=SCRIPT.replace('"LAB"', '"XRAY"'))
        self.assertIn('+  msg.set("MSH-5", "XRAY");',
                      self.causeway("channels", "diff", "life/one", "--folder", self.folder))
        self.assertIn("life/one: changed", self.only("life/one", "--comment", "the second"))
        self.accepted(port, "LIFE2")
        self.assertIn("XRAY", str(self.receiver.received[-1]))
        history = self.causeway("channels", "history", "life/one").splitlines()
        self.assertEqual(["the second", "the first"], [line.split(": ")[1] for line in history])
        first = history[1].split("revision ")[1].split()[0]
        self.causeway("channels", "rollback", "life/one", "--revision", first)
        self.accepted(port, "LIFE3")
        self.assertNotIn("XRAY", str(self.receiver.received[-1]))
        self.restart()
        self.accepted(port, "LIFE4")
        self.assertNotIn("XRAY", str(self.receiver.received[-1]))
        out = self.site.folder / "exported"
        self.causeway("channels", "export", "life/one", "--to", out)
        self.assertEqual((out / "life/one/transform.js").read_text(), SCRIPT)
        self.causeway("channels", "undeploy", "life/one")
        self.assertNotEqual(self.site.send(port, message("LIFE5")).code, 0)

    def test_a_refused_deploy_changes_nothing(self):
        port, taken = free_port(), socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        self.write("refused/one", port)
        self.only("refused/one")
        self.write("refused/one", taken.getsockname()[1], {"out": to(free_port())})
        self.assertRegex(self.only("refused/one", code=1), "refused\n.*listens here")
        self.accepted(port, "REFUSED1")
        self.write("refused/one", port, script="export default function (msg) { return msg")
        self.assertIn("transform.js:1", self.only("refused/one", code=1))
        self.accepted(port, "REFUSED2")
        self.assertEqual(1, len(self.causeway("channels", "history", "refused/one").splitlines()))

    def test_hops_lead_somewhere(self):
        port = free_port()
        self.write("hops/first", port, {"next": {"type": "channel", "channel": "hops/second"}})
        self.write("hops/second")
        self.assertIn('no channel "hops/second" is deployed', self.only("hops/first", code=1))
        self.only("hops/second")
        self.only("hops/first")
        self.assertIn("hops/first hops to it",
                      self.causeway("channels", "undeploy", "hops/second", code=1))
        self.assertIn("hops/first hops to it", self.causeway("channels", "stop", "hops/second", code=1))
        self.causeway("channels", "stop", "hops/second", "--force")
        self.assertEqual(self.site.send(port, message("HOP1")).code, 0)
        self.causeway("channels", "start", "hops/second")
        eventually(lambda: "HOP1" in str(self.receiver.received), 20, "what waited is received")

    def test_switches_stay_over_a_restart(self):
        port = free_port()
        self.write("switched/one", port)
        self.only("switched/one")
        self.causeway("channels", "stop", "switched/one", "--destination", "out")
        self.assertEqual(self.site.send(port, message("SWITCH1")).code, 0)
        self.causeway("channels", "stop", "switched/one", "--source")
        self.assertNotEqual(self.site.send(port, message("SWITCH2")).code, 0)
        self.restart()
        self.assertNotEqual(self.site.send(port, message("SWITCH3")).code, 0)
        shown = self.causeway("channels", "show", "switched/one")
        self.assertIn("source: stopped", shown)
        self.assertRegex(shown, "out: stopped.* queued 1")
        self.assertIn("open work", self.causeway("channels", "undeploy", "switched/one", code=1))
        self.causeway("channels", "start", "switched/one", "--destination", "out")
        self.causeway("channels", "start", "switched/one", "--source")
        self.accepted(port, "SWITCH4")
        self.assertIn("SWITCH1", str(self.receiver.received))

    def test_a_destination_with_open_work_goes_only_by_force(self):
        port = free_port()
        both = {"out": to(self.receiver.port), "away": to(free_port())}
        self.write("removed/one", port, both)
        self.only("removed/one")
        self.accepted(port, "REMOVED1")
        eventually(lambda: "away: started (it is down" in self.causeway("channels", "show", "removed/one"),
                   20, "it is known to be down")
        self.write("removed/one", port)
        self.assertIn("open deliveries that don't move", self.only("removed/one", code=1))
        self.only("removed/one", "--force")
        eventually(lambda: "parked: 1" in self.site.queue("--channel", "removed/one"), 20, "parked")
        self.accepted(port, "REMOVED2")
        self.assertIn("parked: 1", self.site.queue("--channel", "removed/one"))

    def test_a_wrong_port_is_mended(self):
        port = free_port()
        self.write("mended/one", port, {"out": to(free_port(), retry={"first_ms": 60000, "max_ms": 60000})})
        self.only("mended/one")
        self.assertEqual(self.site.send(port, message("MENDED1")).code, 0)
        self.write("mended/one", port)
        self.only("mended/one")
        eventually(lambda: "MENDED1" in str(self.receiver.received), 20, "received at the right port")


if __name__ == "__main__":
    unittest.main()
