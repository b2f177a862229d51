"""The admin API as a client of it sees it: requests, the document, and whether an answer is as documented."""
import http.client
import json
import urllib.parse

PATIENCE_S = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status}: {self.body[:500]!r}"


class Api:
    def __init__(self, site):
        access = json.loads((site.data / "run" / "api.json").read_text())
        self.address = urllib.parse.urlsplit(access["url"])
        self.token = access["token"]

    def ask(self, method, target, body=None, token=None, headers=None):
        """`token`: None: the local one; "": none. A body that isn't bytes is sent as JSON."""
        all_headers = {}
        token = self.token if token is None else token
        if token:
            all_headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            all_headers["Content-Type"] = "application/json"
        all_headers.update(headers or {})
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port,
                                                timeout=PATIENCE_S)
        try:
            connection.request(method, target, body, all_headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def document(self):
        return self.ask("GET", "/api/openapi.json", token="").json()

    def add_token(self, name, role, scope=""):
        made = self.ask("POST", "/api/tokens",
                        {"name": name, "grants": [{"role": role, "scope": scope}]})
        assert made.status == 201, made
        return made.json()["token"]


def operations(document):
    """(method, path, operation) of each."""
    return [(method.upper(), path, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]


def differences(value, schema, place="answer"):
    """Where a value is not as a JSON Schema has it, as far as the document uses them."""
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    wanted = types.get(schema.get("type"))
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        return [f"{place} is no {schema['type']}: {value!r}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place} is none of {schema['enum']}: {value!r}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += differences(item, schema["items"], f"{place}/{number}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{place} has no {name}" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in known:
                found += differences(member, known[name], f"{place}/{name}")
            elif known and schema.get("additionalProperties") is False:
                found.append(f"{place}/{name} is not documented")
    return found


def channels_in(value):
    """Everything that is called a channel, however deep."""
    if isinstance(value, list):
        return {each for item in value for each in channels_in(item)}
    if isinstance(value, dict):
        named = {value["channel"]} if isinstance(value.get("channel"), str) else set()
        return named | {each for item in value.values() for each in channels_in(item)}
    return set()
