"""The admin API of a real engine: as documented, within the caller's scope, and unharmed by whatever is sent."""
import json
import os
import random
import socket
import threading
import unittest
from urllib.parse import quote

from command_line import Site, eventually, free_port, message
from commands.api_client import Api, channels_in, differences, operations
from commands.running import EngineCase, to
from mllp_peers import Receiver

PASSWORD = "wooden horse 7 stairs"
FUZZ_REQUESTS = 700
# What these do is tried by name; at random they would do away with what the others need.
NOT_AT_RANDOM = {"follow_events"}
QUERIES = {"destination": "out", "channel": "lab/oru"}  # what operations need


class ApiCase(unittest.TestCase):
    """An engine for this file, with a channel in each of two folders, and a message in each."""
    site = None

    @classmethod
    def setUpClass(cls):
        if ApiCase.site is None:
            unittest.addModuleCleanup(ApiCase.end)
            ApiCase.begin()

    @classmethod
    def begin(cls):
        cls.receiver = Receiver()
        cls.site = Site(EngineCase.build, "api")
        cls.ports = {"lab/oru": free_port(), "rad/oru": free_port()}
        for path, port in cls.ports.items():
            cls.site.add_channel(path, {"source": {"type": "mllp", "port": port},
                                        "search": ["PID-3.1"],
                                        "destinations": {"out": to(cls.receiver.port)}})
        cls.site.start("--api-port", "0")
        cls.site.wait_ready(1)
        cls.api = Api(cls.site)
        for path, port in cls.ports.items():
            done = cls.site.send(port, message(path.replace("/", "")))
            assert done.code == 0, done
        cls.found = {each["channel"]: each["id"]
                     for each in cls.site.find_settled(2, "--term", "PID-3.1=100")}
        cls.lab_token = cls.api.add_token("lab", "administrator", "lab")
        cls.viewer_token = cls.api.add_token("viewer", "viewer")

    @classmethod
    def end(cls):
        cls.site.remove()
        cls.receiver.stop()

    def ask(self, method, target, body=None, status=None, **more):
        answer = self.api.ask(method, target, body, **more)
        if status is not None:
            self.assertEqual(answer.status, status, f"{method} {target}: {answer}")
        return answer

    def audit(self, **query):
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask("GET", f"/api/audit?limit=1000&{words}", status=200).json()["items"]


class Document(ApiCase):
    def test_each_reading_operation_answers_as_documented(self):
        user = self.ask("POST", "/api/users", {"name": "documented"}, status=201).json()["name"]
        nobody = {"channel": "lab/oru", "term": "PID-3.1=nobody", "reason": "a test"}
        task = self.ask("POST", "/api/replays", nobody, status=201).json()["id"]
        ids = {"messages": self.found["lab/oru"], "replays": task}
        values = {"name": user, "path": "lab%2Foru"}
        checked = 0
        for method, path, operation in operations(self.api.document()):
            if method != "GET" or operation["operationId"] in NOT_AT_RANDOM:
                continue
            resource = path.split("/")[2] if path.count("/") > 1 else ""
            known = dict(values, **({"id": ids[resource]} if resource in ids else {}))
            named = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            if not set(named) <= set(known):
                continue
            query = "&".join(f"{each['name']}={QUERIES[each['name']]}" for each in operation["parameters"]
                             if each["in"] == "query" and each.get("required"))
            answer = self.ask(method, path.format(**known) + ("?" + query if query else ""), status=200)
            for content_type, content in operation["responses"]["200"]["content"].items():
                self.assertEqual(answer.headers["Content-Type"], content_type, path)
                if "schema" in content:
                    self.assertEqual(differences(answer.json(), content["schema"]), [], path)
                    checked += 1
        self.assertGreater(checked, 20)

    def test_every_operation_says_what_it_takes(self):
        for method, path, operation in operations(self.api.document()):
            for name in ("operationId", "summary", "tags", "x-scope", "responses"):
                self.assertTrue(operation.get(name), f"{method} {path} has no {name}")
            if "security" not in operation:
                self.assertTrue(operation["x-permission"], path)

    def test_pages_follow_each_other(self):
        first = self.ask("GET", "/api/messages?limit=1", status=200).json()
        second = self.ask("GET", first["next"], status=200).json()
        ids = [each["items"][0]["id"] for each in (first, second)]
        self.assertEqual(sorted(ids, reverse=True), ids)
        self.assertEqual(set(ids), set(self.found.values()))

    def test_health_needs_no_token_and_names_no_channel(self):
        answer = self.ask("GET", "/api/monitoring/health", token="", status=200)
        self.assertTrue(answer.json()["ready"])
        self.assertNotIn(b"oru", answer.body)

    def test_metrics(self):
        self.ask("GET", "/metrics", token="", status=401)
        self.ask("GET", "/metrics", token=self.lab_token, status=403)
        self.assertIn(b'channel="lab/oru"', self.ask("GET", "/metrics", status=200).body)


class Scopes(ApiCase):
    def test_lists_show_what_the_grant_covers(self):
        for method, path, operation in operations(self.api.document()):
            if method != "GET" or not operation["x-scope"].startswith("shows") or "{" in path or (
                    operation["operationId"] in NOT_AT_RANDOM):
                continue
            answer = self.ask("GET", path, token=self.lab_token, status=200)
            lines = answer.headers["Content-Type"] == "application/x-ndjson"
            value = [json.loads(line) for line in answer.body.splitlines()] if lines else answer.json()
            self.assertLessEqual({each.split("/")[0] for each in channels_in(value)}, {"lab"}, path)
            self.assertNotIn(self.found["rad/oru"].encode(), answer.body, path)

    def test_what_is_elsewhere_is_as_if_not_there(self):
        for rest in ("", "/content", "/body"):
            self.ask("GET", f"/api/messages/{self.found['lab/oru']}{rest}", token=self.lab_token,
                     status=200)
            elsewhere = self.ask("GET", f"/api/messages/{self.found['rad/oru']}{rest}",
                                 token=self.lab_token, status=404)
            nowhere = self.ask("GET", f"/api/messages/0000000000001{rest}", token=self.lab_token,
                               status=404)
            self.assertEqual(elsewhere.body, nowhere.body)
        self.ask("GET", "/api/users", token=self.lab_token, status=403)

    def test_content_is_a_permission_of_its_own(self):
        path = f"/api/messages/{self.found['lab/oru']}"
        shown = self.ask("GET", path, token=self.viewer_token, status=200)
        self.assertNotIn(b"MUSTER", shown.body)
        self.ask("GET", path + "/body", token=self.viewer_token, status=403)
        self.ask("GET", path + "/content", token=self.viewer_token, status=403)
        self.ask("GET", "/api/queues/content", token=self.viewer_token, status=403)

    def test_a_reading_of_a_body_is_on_record_before_it_leaves(self):
        id = self.found["lab/oru"]
        before = len(self.audit(action="read_body", target=id))
        body = self.ask("GET", f"/api/messages/{id}/body", token=self.lab_token, status=200).body
        self.assertEqual(body, message("laboru"))
        rows = self.audit(action="read_body", target=id)
        self.assertEqual(len(rows), before + 1)
        self.assertEqual((rows[0]["actor"], rows[0]["channel"], rows[0]["outcome"]),
                         ("token lab", "lab/oru", "begun"))
        self.site.query("ALTER TABLE audit RENAME TO audit_away")
        try:
            self.assertNotIn(self.ask("GET", f"/api/messages/{id}/body").status, (200, 404))
        finally:
            self.site.query("ALTER TABLE audit_away RENAME TO audit")


class Sessions(ApiCase):
    def log_in(self, name, password, status=200, headers=None):
        return self.ask("POST", "/api/session", {"name": name, "password": password}, status,
                        token="", headers=headers)

    def test_the_first_administrator_from_the_first_password_to_log_out(self):
        password = self.site.log_text().split("good for a day): ")[1].split()[0]
        answer = self.log_in("admin", password)
        self.assertIn("HttpOnly; SameSite=Strict", answer.headers["Set-Cookie"])
        cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        secret = dict(cookie, **{"X-CSRF-Token": answer.json()["csrf_token"]})
        self.assertTrue(answer.json()["must_change_password"])
        self.ask("GET", "/api/users", token="", headers=cookie, status=403)

        change = {"old_password": password, "new_password": PASSWORD}
        self.ask("PUT", "/api/session/password", change, 403, token="", headers=cookie)
        wrong = dict(cookie, **{"X-CSRF-Token": "0" * 32})
        self.ask("PUT", "/api/session/password", change, 403, token="", headers=wrong)
        self.ask("PUT", "/api/session/password", {**change, "new_password": "admin"}, 400, token="",
                 headers=secret)
        self.ask("PUT", "/api/session/password", change, 204, token="", headers=secret)
        self.ask("GET", "/api/users", token="", headers=cookie, status=200)
        shown = self.ask("GET", "/api/session", token="", headers=cookie, status=200).json()
        self.assertEqual((shown["name"], shown["proof"]), ("admin", "session"))
        self.assertEqual(shown["csrf_token"], secret["X-CSRF-Token"])

        self.log_in("admin", password, 401)
        again = self.log_in("admin", PASSWORD, headers=cookie)
        self.ask("GET", "/api/session", token="", headers=cookie, status=401)
        cookie = {"Cookie": again.headers["Set-Cookie"].split(";")[0]}
        secret = dict(cookie, **{"X-CSRF-Token": again.json()["csrf_token"]})
        self.ask("DELETE", "/api/session", status=204, token="", headers=secret)
        self.ask("GET", "/api/session", token="", headers=cookie, status=401)
        outcomes = [row["outcome"] for row in self.audit(action="log_in", target="admin")]
        self.assertEqual(outcomes, ["done", "failed", "done"])
        for secret in (password, PASSWORD):
            self.assertNotIn(secret, json.dumps(self.audit()))

    def test_failures_lock_out(self):
        self.ask("POST", "/api/users", {"name": "clumsy"}, status=201)
        for name in ("clumsy", "nobody"):
            for _ in range(4):
                self.log_in(name, "wrong", 401)
            locked = self.log_in(name, "wrong", 429)
            self.assertGreaterEqual(int(locked.headers["Retry-After"]), 1)

    def test_a_token_ends_when_it_is_revoked(self):
        made = self.ask("POST", "/api/tokens", {"name": "short", "grants": [{"role": "viewer"}]},
                        201).json()
        self.ask("GET", "/api/messages", token=made["token"], status=200)
        self.ask("DELETE", f"/api/tokens/{made['id']}", status=204)
        self.ask("GET", "/api/messages", token=made["token"], status=401)
        self.ask("GET", "/api/messages", token=made["token"][:-1] + "x", status=401)


class Wire(ApiCase):
    def raw(self, request):
        with socket.create_connection((self.api.address.hostname, self.api.address.port),
                                      timeout=60) as peer:
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := peer.recv(65536):
                answer += piece
            return answer

    def test_what_is_no_request_is_refused(self):
        for request in (b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n", b"GET /api/messages HTTP/9\r\n\r\n",
                        b"GET " + b"/" * 70000 + b" HTTP/1.1\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
                        b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
                        b"POST /api/session HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"
                        b"\r\n\r\n0\r\n\r\n",
                        b"POST /api/session HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            try:
                answer = self.raw(request)
            except OSError:
                answer = b""  # ended in the middle of what is too long
            self.assertNotIn(b" 200 ", answer[:20], request[:60])
            self.assertNotIn(b"HTTP/1.1 50", answer.replace(b"501", b""), request[:60])
        self.ask("GET", "/api/monitoring/health", token="", status=200)

    def test_bodies_are_bounded(self):
        self.ask("POST", "/api/session", b"x" * 100_000, 413, token="")
        self.ask("POST", "/api/users", b" " * (3 << 20), 413)

    def test_events_come_as_they_happen_and_end_with_the_reader(self):
        peer = socket.create_connection((self.api.address.hostname, self.api.address.port), timeout=60)
        with peer:
            peer.sendall(f"GET /api/events HTTP/1.1\r\nAuthorization: Bearer {self.api.token}"
                         "\r\n\r\n".encode())
            data = b""
            while b": listening" not in data:
                piece = peer.recv(4096)
                self.assertTrue(piece, data)
                data += piece
        self.assertIn(b"text/event-stream", data)

    def test_many_at_once(self):
        statuses = []

        def ask():
            for _ in range(5):
                statuses.append(self.api.ask("GET", "/api/messages?limit=1").status)
        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 60)


class Random(ApiCase):
    """Fuzzing from the API's own document, on an engine that nothing else needs afterwards."""

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(cls.end)
        cls.begin()

    def value(self, schema):
        known = [self.found["lab/oru"], self.found["rad/oru"], "lab/oru", "rad", "admin", "1", "out", "run",
                 self.task]
        odd = [0, -1, 2**63, 1.5, True, None, "", "x" * 3000, "\0", "%", "Ä\u202e", "../..", "'; DROP",
               "secret:x", "env:X", [], {}, [[[]]], {"a": 1}, "9" * 30, "2026-13-45", "PID-3.1=100"]
        if self.random.random() < 0.4:
            return self.random.choice(odd)
        if self.random.random() < 0.3:
            return self.random.choice(known)
        kind = schema.get("type")
        if kind == "integer":
            return self.random.choice([schema.get("minimum", 0), schema.get("maximum", 7), 1])
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "array":
            return [self.value(schema.get("items", {})) for _ in range(self.random.randint(0, 3))]
        if kind == "object":
            return self.object(schema)
        return self.random.choice(schema.get("enum", known))

    def object(self, schema):
        return {name: self.value(member) for name, member in schema.get("properties", {}).items()
                if name in schema.get("required", []) or self.random.random() < 0.5}

    def target(self, path, operation):
        query = []
        for parameter in operation["parameters"]:
            text = str(self.value(parameter["schema"]))
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", quote(text, safe="") or "x")
            elif self.random.random() < 0.5:
                query.append(f"{parameter['name']}={quote(text)}")
        if self.random.random() < 0.1:
            query.append("unknown=%ff")
        return (path + ("?" + "&".join(query) if query else ""))[:9000]

    def body(self, operation):
        schema = operation.get("requestBody", {}).get("content", {}).get(
            "application/json", {}).get("schema")
        if schema is None and "requestBody" in operation:
            return self.random.choice([b"", b"x" * 3000, b"\xff\n{}\n", b'{"id":"' + b"0" * 13 + b'"}',
                                       b'{"of":"","piece":1}', message("FUZZ")])
        if schema is None:
            return None
        if self.random.random() < 0.15:
            return self.random.choice([b"", b"{", b"[" * 5000, b"\xff\xfe", b"null", b'{"a":' * 100,
                                       b'"' + b"x" * 70000 + b'"'])
        return self.object(schema)

    def test_no_failure_and_no_leak(self):
        seed = int(os.environ.get("CAUSEWAY_SEED", random.randrange(2**32)))
        self.random = random.Random(seed)
        # Of a channel that one of the callers may not see; a lane there is held, too.
        self.task = self.ask("POST", "/api/replays", {"message": self.found["rad/oru"], "reason": "a test"},
                             status=201).json()["id"]
        self.ask("POST", "/api/queues/holds", {"channel": "rad/oru", "destination": "out",
                                               "reason": "radoru moves"}, status=200)
        every = [each for each in operations(self.api.document())
                 if each[2]["operationId"] not in NOT_AT_RANDOM]
        canaries = (self.found["rad/oru"].encode(), b"radoru", b"rad/oru")
        for number in range(FUZZ_REQUESTS):
            method, path, operation = self.random.choice(every)
            target, body = self.target(path, operation), self.body(operation)
            token = self.random.choice([self.lab_token, self.lab_token, self.viewer_token, "", "cwt_x",
                                        self.api.token])
            if token == self.api.token and operation["operationId"] == "revoke_token":
                token = self.viewer_token  # the tokens that it asks with stay good
            answer = self.api.ask(method, target, body, token=token)
            where = f"seed {seed}, request {number}: {method} {target[:300]} {str(body)[:300]}: {answer}"
            self.assertLess(answer.status, 500, where)
            public = "x-permission" not in operation
            if token in ("", "cwt_x") and not public:
                self.assertIn(answer.status, (400, 401, 404, 413), where)
            asked = (target + str(body)).encode()
            if token == self.lab_token and answer.status < 400:
                for canary in canaries:
                    self.assertFalse(canary in answer.body and canary not in asked, where)
            if answer.status >= 400:
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json", where)
        eventually(lambda: self.ask("GET", "/api/monitoring/health", token="").status == 200, 30,
                   "the engine is well afterwards")
        self.assertTrue(self.ask("GET", "/api/audit/verify", status=200).json()["good"])
