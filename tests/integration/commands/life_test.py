"""causeway serve, check and doctor: bad channels beside good ones, restarts, ends, other databases."""
import os
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from command_line import Site, command_line, eventually, free_port, message, runs
from commands.running import EngineCase, to
from mllp_peers import Receiver

END_PATIENCE_S = 10
POSTGRES_USER = "nobody"  # PostgreSQL doesn't run as root


class BadChannel(EngineCase):
    """One channel of the shared engine has a misspelt key; every other test shows that the rest run."""

    def test_serve_says_it(self):
        log = self.site.log_text()
        self.assertIn('misspelt/channel.json:3:', log)
        self.assertIn("NOT every channel runs", log)

    def test_check_names_the_place_and_the_nearest_key(self):
        done = self.site.run("check", self.site.channels)
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.out, r'bad/misspelt/channel.json:3:\d+: /serach: unknown key "serach"; '
                                   r'did you mean "search"\?')
        count = len(list(self.site.channels.rglob("channel.json")))
        self.assertIn(f"channels: {count}, good: {count - 1}, errors: 1, ", done.out)

    def test_check_of_good_channels(self):
        done = self.site.run("check", self.site.channels / "lab")
        self.assertEqual(done.code, 0, done)
        self.assertIn("channels: 3, good: 3, errors: 0, ", done.out)

    def test_doctor_says_it(self):
        done = self.site.run("doctor", "--data", self.site.data, "--channels", self.site.channels)
        self.assertEqual(done.code, 1, done)
        self.assertIn(f"BAD   problems of channels in {self.site.channels}: 1\n", done.out)
        self.assertIn("misspelt/channel.json:3:", done.out)
        self.assertIn("good  store", done.out)

    def test_health_says_it(self):
        self.assertEqual(http_get(self.site, "/health"), (503, "a channel could not be started\n"))

    def test_metrics(self):
        status, text = http_get(self.site, "/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'causeway_messages_received_total\{channel="[a-z/]+"\} \d+')
        self.assertEqual(http_get(self.site, "/other")[0], 404)


def http_get(site, path):
    log = site.log_text()
    start = log.rindex("http://127.0.0.1:")
    address = log[start:log.index("/metrics", start)]
    try:
        with urllib.request.urlopen(address + path, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Serve(EngineCase):
    def test_a_second_one_is_refused(self):
        done = self.site.run("serve", "--data", self.site.data, "--channels", self.site.channels)
        self.assertEqual(done.code, 1, done)
        self.assertIn("another causeway serves this data folder", done.err)
        self.accepted("lab/through", message("SECOND1"))

    def test_a_restart_keeps_everything(self):
        self.accepted("lab/through", message("RESTART1"))
        self.accepted("copies/suppress", message("RESTART2"))
        self.accepted("queue/parked", message("RESTART3"))
        eventually(lambda: "RESTART3" in str(self.running.naking.received), 20, "a refusal")
        before = self.site.find_settled(1, "--term", "MSH-10=RESTART1")[0]
        eventually(lambda: self.site.show(before["id"])["attempts"], 20, "a delivery on record")
        shown = self.site.show(before["id"])
        queue = self.site.queue("--channel", "queue/parked")
        self.assertEqual(self.site.stop(), 0)
        down = self.site.run("messages", "find", "--data", self.site.data)
        self.assertEqual(down.code, 1)
        self.assertIn("is the engine running on it (causeway serve)?", down.err)
        self.running.start()
        self.assertEqual(self.site.show(before["id"]), shown)
        self.assertEqual(self.site.queue("--channel", "queue/parked"), queue)
        self.accepted("lab/through", message("RESTART4"))
        self.accepted("copies/suppress", message("RESTART2"))
        copy = self.site.find_settled(2, "--term", "MSH-10=RESTART2")[0]
        self.assertEqual(copy["flags"], ["duplicate", "suppressed"])

    def test_no_data_folder(self):
        done = self.site.run("messages", "find", "--data", self.site.folder / "nothing")
        self.assertEqual(done.code, 1)
        self.assertIn("there is no data folder here; name it with --data", done.err)

    def test_no_channels_folder(self):
        done = self.site.run("serve", "--data", self.site.folder / "other", "--channels",
                             self.site.folder / "nothing")
        self.assertEqual(done.code, 2, done)
        self.assertIn("nothing: No such file or directory", done.err)


class End(unittest.TestCase):
    def test_sigterm_leaves_no_process(self):
        """Though a receiver has been given a message and doesn't answer."""
        receiver = Receiver(code=None)
        self.addCleanup(receiver.stop)
        site = Site(EngineCase.build, "end")
        self.addCleanup(site.remove)
        port = free_port()
        site.add_channel("one", {"source": {"type": "mllp", "port": port},
                                 "destinations": {"out": to(receiver.port)}})
        site.start()
        site.wait_ready(1)
        self.assertEqual(site.send(port, message("END1")).code, 0)
        eventually(lambda: receiver.received, 20, "a message is on its way")
        engine, postmaster = site.engine_pid(), site.postmaster_pid()
        self.assertTrue(engine and postmaster)
        site.supervisor.terminate()
        self.assertEqual(site.supervisor.wait(END_PATIENCE_S), 0)
        self.assertFalse(runs(engine) or runs(postmaster))
        left = [command_line(pid) for pid in os.listdir("/proc")
                if pid.isdigit() and str(site.folder) in command_line(pid)]
        self.assertEqual(left, [])
        self.assertIn("postgresql_stopped", site.log_text())


class OwnDatabase(unittest.TestCase):
    """A PostgreSQL that the site runs, here one on a free port with a password."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="causeway-own-database-"))
        self.addCleanup(self.command, "rm", "-rf", self.folder)
        if os.geteuid() == 0:
            subprocess.run(["chown", POSTGRES_USER, self.folder], check=True)
        self.programs = max(Path("/usr/lib/postgresql").iterdir()) / "bin"
        self.port = free_port()
        self.password_file = self.folder / "password"
        self.command("sh", "-c", f"echo secret > {self.password_file}")
        self.command(self.programs / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A",
                     "scram-sha-256", "--pwfile", self.password_file, "-E", "UTF8", "--no-sync")
        self.command(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-l",
                     self.folder / "log", "-o",
                     f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}", "start")
        self.addCleanup(self.command, self.programs / "pg_ctl", "-D", self.folder / "data", "-w",
                        "-m", "immediate", "stop")
        self.sql("CREATE ROLE causeway LOGIN PASSWORD 'secret'")
        self.sql("CREATE DATABASE causeway OWNER causeway")

    def command(self, *words):
        user = {"user": POSTGRES_USER, "group": "nogroup", "extra_groups": []} \
            if os.geteuid() == 0 else {}
        done = subprocess.run([*map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd="/", timeout=60, **user)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}")

    def sql(self, text):
        self.command("env", "PGPASSWORD=secret", "psql", "-X", "-q", "-h", "127.0.0.1", "-p",
                     self.port, "-U", "postgres", "-c", text)

    def test_serve_and_look(self):
        receiver = Receiver()
        self.addCleanup(receiver.stop)
        site = Site(EngineCase.build, "own-database")
        self.addCleanup(site.remove)
        port = free_port()
        site.add_channel("one", {"source": {"type": "mllp", "port": port}, "search": ["MSH-10"],
                                 "destinations": {"out": to(receiver.port)}})
        url = f"postgresql://causeway:secret@127.0.0.1:{self.port}/causeway"
        site.database = ["--database", url]
        site.start(*site.database, "--metrics-port", "0")
        site.wait_ready(1)
        self.assertEqual(site.send(port, message("OWN1")).code, 0)
        found = site.find_settled(1, "--term", "MSH-10=OWN1")[0]
        self.assertEqual(site.body(found["id"]), message("OWN1"))
        eventually(lambda: receiver.received == [message("OWN1")], 20, "it is sent on")
        self.assertEqual(http_get(site, "/health"), (200, "ok\n"))
        self.assertFalse((site.data / "postgres").exists())
        self.assertNotIn("secret", site.log_text())
        self.assertEqual(site.run("doctor", "--data", site.data, *site.database,
                                  "--channels", site.channels).code, 0)
        self.assertEqual(site.stop(), 0)
