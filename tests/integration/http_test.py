#!/usr/bin/env python3
"""HTTP through the real engine, with curl in front of it and nginx and Python's server behind.

All channels share one port. Usage: http_test.py BUILD_FOLDER [argument of unittest ...]"""
import gzip
import hashlib
import http.server
import json
import shutil
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port
from mllp_peers import Receiver

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "08_rest_to_mllp"
PATIENCE_S = 30
LARGE_BYTES = 20 * 1024 * 1024
NGINX = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_max_body_size 100m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    location / {{ proxy_pass http://127.0.0.1:{behind}; }}
  }}
}}
"""


class Storing(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent; `server.refusals`: statuses that are given first."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, dict(self.headers), hashlib.sha256(body).hexdigest()))
        status = self.server.refusals.pop(0) if self.server.refusals else 201
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "1")
        answer = json.dumps({"stored": self.path}).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Backend:
    """Python's server, and nginx with TLS before it."""

    def __init__(self, folder):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storing)
        self.server.seen, self.server.refusals = [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = free_port()
        folder.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", folder / "server.key", "-out", folder / "server.pem"],
                       check=True, capture_output=True)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, port=self.port, behind=self.server.server_address[1]))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.log = open(folder / "nginx.log", "wb")
        self.nginx = subprocess.Popen([nginx, "-c", folder / "nginx.conf", "-p", folder],
                                      stdout=self.log, stderr=self.log)

    def stop(self):
        self.nginx.terminate()
        self.nginx.wait(PATIENCE_S)
        self.log.close()
        self.server.shutdown()
        self.server.server_close()


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        while head.startswith(b"HTTP/1.1 100"):
            head, _, self.body = self.body.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in lines[1:])

    def json(self):
        return json.loads(self.body)


class Http(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.build, "http")
        cls.addClassCleanup(cls.site.remove)
        cls.backend = Backend(cls.site.folder / "backend")
        cls.addClassCleanup(cls.backend.stop)
        cls.adt = Receiver()
        cls.addClassCleanup(cls.adt.stop)
        cls.port = free_port()
        cls.add_rest()
        cls.site.add_channel("relay", cls.relay(), "export default (msg, ctx) =>\n"
                             "  ctx.attach({ key: `k-${ctx.message.attributes['path.name']}` });\n")
        done = cls.site.run("secret", "set", "portal_key", "--data", cls.site.data,
                            stdin=b"a long key\n")
        assert done.code == 0, done
        cls.site.start()
        cls.site.wait_ready(1)

    @classmethod
    def add_rest(cls):
        folder = cls.site.channels / "rest"
        shutil.copytree(SAMPLE, folder)
        text = (folder / "channel.json").read_text()
        text = text.replace("6751", str(cls.port)).replace("6752", str(cls.adt.port))
        (folder / "channel.json").write_text(text)

    @classmethod
    def relay(cls):
        return {
            "source": {"type": "http", "port": cls.port, "path": "/relay/{name}",
                       "methods": ["PUT"],
                       "auth": {"api_keys": [{"name": "portal", "key": "secret:portal_key"}]},
                       "status_url": "https://status.example/{message}"},
            "duplicates": "off",
            "reply": {"when": "destination", "destination": "store"},
            "stages": [{"type": "transform", "file": "transform.js"}],
            "destinations": {"store": {
                "type": "http", "method": "PUT", "idempotency_key": True,
                "url": f"https://localhost:{cls.backend.port}/store/{{path.name}}?key={{key}}",
                "tls": {"ca_file": str(cls.site.folder / "backend" / "server.pem")},
                "retry": {"first_ms": 200, "max_ms": 1000},
                "on_rejected": "park_and_continue"}}}

    def curl(self, path, *words, stdin=b""):
        done = subprocess.run(["curl", "-s", "-i", "--max-time", str(PATIENCE_S), *words,
                               f"http://127.0.0.1:{self.port}{path}"],
                              input=stdin, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Answer(done.stdout)

    def put(self, name, *words, body=b"text"):
        return self.curl(f"/relay/{name}", "-X", "PUT", "--data-binary", "@-", "-H",
                         "Content-Type: text/plain", "-H", "X-API-Key: a long key", *words,
                         stdin=body)

    def seen(self, name):
        return [each for each in self.backend.server.seen if each[0].startswith(f"/store/{name}?")]

    def test_rest_to_mllp_and_back(self):
        admission = (SAMPLE / "tests/admission/input.json").read_bytes()
        json_type = ("-H", "Content-Type: application/json", "--data-binary", "@-")
        answer = self.curl("/patients/4711/admissions", *json_type, stdin=admission)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.json()["accepted"])
        self.assertEqual(answer.json()["code"], "AA")
        self.assertIn(b"PID|1||4711^^^HOSPITAL^MR||M\xc3\xbcller \\T\\ S\xc3\xb6hne^Anna||19700131|F",
                      self.adt.received[-1])
        self.adt.code = b"AE"
        answer = self.curl("/patients/4712/admissions", *json_type, stdin=admission)
        self.adt.code = b"AA"
        self.assertEqual((answer.status, answer.json()["code"]), (422, "AE"))
        answer = self.curl("/patients/1/admissions", *json_type, stdin=b"{}")
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual(self.curl("/patients/1", *json_type, stdin=b"{}").status, 404)

    def test_who_it_was_stands_in_the_lineage(self):
        self.assertEqual(self.curl("/relay/x", "-X", "PUT", "-d", "x").status, 401)
        answer = self.put("lineage")
        self.assertEqual((answer.status, answer.json()), (201, {"stored": "/store/lineage?key=k-lineage"}))
        shown = self.site.show(answer.headers["causeway-message"].upper())
        self.assertEqual(shown["peer"], "portal")
        self.assertNotIn("a long key", self.site.log_text() + json.dumps(shown))

    def test_a_busy_server_is_asked_again(self):
        self.backend.server.refusals = [503, 500]
        self.assertEqual(self.put("busy").status, 201)
        seen = self.seen("busy")
        self.assertEqual(len(seen), 3)
        self.assertEqual(len({each[1]["idempotency-key"] for each in seen}), 1)

    def test_a_repeated_key_is_answered_as_the_first(self):
        first = self.put("once", "-H", "Idempotency-Key: 1")
        again = self.put("once", "-H", "Idempotency-Key: 1")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(again.body, first.body)
        self.assertEqual(again.headers["causeway-message"], first.headers["causeway-message"])
        self.assertEqual(len(self.seen("once")), 1)

    def test_large_and_packed_bodies(self):
        large = bytes(range(256)) * (LARGE_BYTES // 256)
        self.assertEqual(self.put("large", "-H", "Transfer-Encoding: chunked", body=large).status, 201)
        self.assertEqual(self.put("packed", "-H", "Content-Encoding: gzip",
                                  body=gzip.compress(large)).status, 201)
        digest = hashlib.sha256(large).hexdigest()
        self.assertEqual([each[2] for each in self.seen("large") + self.seen("packed")], [digest] * 2)

    def test_a_probe_and_a_redeploy(self):
        relay = self.site.channels / "relay" / "channel.json"
        text = relay.read_text()
        conflict = text.replace("/relay/{name}", "/patients/{number}/admissions").replace(
            '"PUT"\n', '"POST"\n')
        relay.write_text(conflict)
        done = self.site.run("deploy", self.site.channels, "--only", "relay", "--data",
                             self.site.data)
        relay.write_text(text)
        self.assertNotEqual(done.code, 0, done)
        self.assertIn('is taken by channel "rest"', done.out + done.err)
        self.assertEqual(self.put("still").status, 201)


if __name__ == "__main__":
    Http.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
