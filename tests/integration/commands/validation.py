"""Channels that check what comes in, for validation_test."""
from pathlib import Path

PROFILE = Path(__file__).resolve().parents[2] / "unit/formats/hl7v2/validate/small_profile"
CLASSES = ("structure", "usage", "repetition", "length", "type", "table", "conformance")


def add_channels(running, receiver_port):
    destinations = {"out": {"type": "mllp", "host": "127.0.0.1", "port": receiver_port}}
    reject = {name: "reject" for name in CLASSES}
    off = {name: "off" for name in CLASSES}
    for name in CLASSES:
        if name != "conformance":
            running.add(f"check/{name}", destinations, reply={"when": "done"},
                        validate={**off, name: "reject"})
    running.add("check/refuse", destinations, reply={"when": "done"},
                validate={**reject, "reject_with": "AR"})
    running.add("check/warn", destinations, reply={"when": "done"}, validate={})
    running.add("check/profile", destinations, reply={"when": "done"},
                validate={**reject, "profile": "small"})
    folder = running.site.channels / "check/profile/small"
    folder.mkdir()
    for file in PROFILE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
