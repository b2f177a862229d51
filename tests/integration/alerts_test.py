#!/usr/bin/env python3
"""Alerts of the real engine, told to a webhook, a mail server and a log that others wrote.

Usage: alerts_test.py BUILD_FOLDER [argument of unittest ...]"""
import http.server
import json
import socketserver
import sys
import threading
import unittest
import warnings
from pathlib import Path

from command_line import Site, eventually, free_port, message
from mllp_peers import Receiver

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import asyncore
    import smtpd

PATIENCE_S = 60


class Webhook(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), WebhookRequest)
        self.notices = []
        self.status = 204
        threading.Thread(target=self.serve_forever, daemon=True).start()


class WebhookRequest(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 204:
            self.server.notices.append((body, self.headers.get("Authorization")))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


class LogRequest(socketserver.BaseRequestHandler):
    def handle(self):
        self.server.lines.append(self.request[0].decode())


class MailServer(smtpd.SMTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), None)
        self.port = self.socket.getsockname()[1]
        self.mails = []
        threading.Thread(target=asyncore.loop, args=(0.2,), daemon=True).start()

    def process_message(self, peer, mailfrom, rcpttos, data, **_):
        self.mails.append((mailfrom, rcpttos, data.decode()))


class Alerts(unittest.TestCase):
    build = None

    def setUp(self):
        self.site = Site(self.build, "alerts")
        self.addCleanup(self.site.remove)
        self.webhook = Webhook()
        self.addCleanup(self.webhook.server_close)
        self.addCleanup(self.webhook.shutdown)
        self.log = socketserver.UDPServer(("127.0.0.1", 0), LogRequest)
        self.log.lines = []
        threading.Thread(target=self.log.serve_forever, daemon=True).start()
        self.addCleanup(self.log.server_close)
        self.addCleanup(self.log.shutdown)
        self.mail = MailServer()
        self.addCleanup(self.mail.close)
        self.port, self.dead = free_port(), free_port()
        self.site.add_channel("lab/oru_in", {
            "source": {"type": "mllp", "port": self.port},
            "destinations": {"archive": {"type": "mllp", "host": "127.0.0.1", "port": self.dead,
                                         "retry": {"first_ms": 100, "max_ms": 400}}}}, "")

    def rules(self, *rules):
        hook = f"http://127.0.0.1:{self.webhook.server_address[1]}/hook?team=1"
        (self.site.channels / "alerts.json").write_text(json.dumps({
            "recipients": [
                {"name": "hook", "type": "webhook", "url": hook, "secret": "secret:hook"},
                {"name": "desk", "type": "email", "url": f"smtp://127.0.0.1:{self.mail.port}",
                 "from": "causeway@hospital.test", "to": ["desk@hospital.test"]},
                {"name": "siem", "type": "syslog",
                 "url": f"udp://127.0.0.1:{self.log.server_address[1]}"}],
            "rules": list(rules)}))

    def alerts(self, *words):
        return self.site.ask("alerts", *words).out

    def test_a_destination_that_is_away_and_comes_back(self):
        self.rules({"name": "archive_away", "when": "destination_down", "severity": "critical",
                    "notify": ["hook", "desk", "siem"]})
        secret = self.site.run("secret", "set", "hook", "--data", self.site.data, stdin=b"s3same")
        self.assertEqual(secret.code, 0, secret)
        self.site.start()
        self.site.wait_ready(1)
        self.assertIn("archive_away", self.alerts("rules"))
        self.assertIn("nothing is wrong", self.alerts())
        self.site.send(self.port, message("A1"))
        eventually(lambda: self.webhook.notices and self.mail.mails and self.log.lines, PATIENCE_S,
                   lambda: f"notices: {self.webhook.notices} {self.mail.mails} {self.log.lines}")
        notice, authorization = self.webhook.notices[0]
        self.assertEqual(authorization, "Bearer s3same")
        self.assertEqual((notice["event"], notice["rule"], notice["severity"], notice["channel"],
                          notice["subject"]),
                         ("opened", "archive_away", "critical", "lab/oru_in",
                          "lab/oru_in > archive"))
        sender, receivers, mail = self.mail.mails[0]
        self.assertEqual((sender, receivers), ("causeway@hospital.test", ["desk@hospital.test"]))
        self.assertIn("archive_away", mail)
        self.assertRegex(self.log.lines[0], r"^<26>1 \S+Z \S+ causeway \d+ alert - CRITICAL opened")

        shown = self.alerts()
        self.assertIn("critical archive_away: lab/oru_in > archive", shown)
        self.site.ask("alerts", "acknowledge", shown.split()[0], "--comment", "the switch is off")
        self.assertIn("the switch is off", self.alerts())

        receiver = Receiver(self.dead)
        self.addCleanup(receiver.stop)
        eventually(lambda: len(self.webhook.notices) == 2 and len(self.mail.mails) == 2
                   and len(self.log.lines) == 2, PATIENCE_S,
                   lambda: f"what is over: {self.webhook.notices} {self.log.lines}")
        self.assertEqual(self.webhook.notices[1][0]["event"], "resolved")
        self.assertIn("nothing is wrong", self.alerts())
        self.assertIn("over at", self.alerts("list", "--all"))
        self.assertIn("acknowledge_alert lab/oru_in", self.site.ask("audit", "find").out)

    def test_silences_and_recipients_that_refuse(self):
        self.rules({"name": "away", "when": "destination_down", "notify": ["siem"]})
        self.site.start()
        self.site.wait_ready(1)
        self.site.ask("alerts", "silence", "away", "--minutes", "60", "--reason", "works")
        self.assertIn("works", self.alerts("silences"))
        self.site.send(self.port, message("A1"))
        eventually(lambda: "away" in self.alerts(), PATIENCE_S, "an open alert")
        self.assertEqual(self.log.lines, [])
        self.site.ask("alerts", "unsilence", "away")
        eventually(lambda: self.log.lines, PATIENCE_S, "a line in the log")
        self.webhook.status = 500
        refused = self.site.run("alerts", "test", "hook", "--data", self.site.data)
        self.assertEqual(refused.code, 1)
        unknown = self.site.run("alerts", "silence", "awey", "--minutes", "5", "--reason", "x",
                                "--data", self.site.data)
        self.assertIn("there is no such rule", unknown.err)

    def test_mistakes_in_the_rules_are_found_by_check(self):
        self.rules({"name": "away", "when": "destination_donw", "notify": ["siem"]})
        checked = self.site.run("check", self.site.channels)
        self.assertEqual(checked.code, 1)
        self.assertIn("alerts.json", checked.out)
        self.assertIn("destination_down", checked.out)


if __name__ == "__main__":
    Alerts.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
