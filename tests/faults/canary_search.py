"""Looks for a distinctive text wherever an engine could have let it slip: in its logs and metrics, in
the files of its database, in command lines."""
import base64
import os
import urllib.request
from pathlib import Path

# All canaries begin with it; random letters, so that nothing else does.
STEM = "Qvzkjwx7Canary"


def base64_forms(data):
    """As it stands within a longer text, at each of the three places it can have there."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data + b"\0" * 3)
        first = -(-before * 8 // 6)  # the first letter that depends on `data` alone
        last = (before + len(data)) * 8 // 6
        yield text[first:last]


def encodings(text):
    """{name: bytes} of the forms it could hide in."""
    data = text.encode()
    forms = {"plain": data, "upper case": data.upper(), "lower case": data.lower(),
             "UTF-16 little-endian": text.encode("utf-16-le"),
             "UTF-16 big-endian": text.encode("utf-16-be"),
             "hex": data.hex().encode(), "HEX": data.hex().upper().encode()}
    for number, form in enumerate(base64_forms(data)):
        forms[f"base64, {number} bytes later"] = form
    return forms


def files_below(folder):
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            try:
                yield str(path), path.read_bytes()
            except OSError:  # gone meanwhile, or a socket
                continue


def places(site):
    """(name, bytes) of all that is searched."""
    yield "serve.log", site.log.read_bytes()
    yield from files_below(site.data / "log")
    yield from files_below(site.data / "postgres")
    address = site.log_text().rsplit("http://127.0.0.1:", 1)[1].split("/")[0]
    for page in ("metrics", "health"):
        with urllib.request.urlopen(f"http://127.0.0.1:{address}/{page}", timeout=10) as answer:
            yield page, answer.read()
    for name in ("cmdline", "environ"):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                yield f"ps: {name} of {entry}", Path(f"/proc/{entry}/{name}").read_bytes()
            except OSError:
                continue
    yield "pg_stat_activity", "\n".join(
        row[0] for row in site.query("SELECT query FROM pg_stat_activity")).encode()


def search(site):
    """[(place, encoding, what stands there)]"""
    forms = encodings(STEM)
    found = []
    for name, data in places(site):
        for form, pattern in forms.items():
            at = data.find(pattern)
            if at >= 0:
                found.append((name, form, data[max(0, at - 40):at + 80]))
    return found
