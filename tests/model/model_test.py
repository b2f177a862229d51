#!/usr/bin/env python3
"""Has Spin search every state of message_path.pml, for small sizes: no promise may be broken. Then
breaks one rule at a time, and expects it to be seen. Usage: model_test.py; CAUSEWAY_LONG=1: larger
sizes (minutes, and up to 8 GiB)."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = Path(__file__).with_name("message_path.pml")

KEPT = [
    {"POLICY": "PARK", "REJECTED": 0},
    {"POLICY": "HOLD", "REJECTED": 0},
    {"POLICY": "PARK", "DEFERRED": 0, "TAKEOVERS": 0},
    {"POLICY": "RETRY", "DEFERRED": 0, "TAKEOVERS": 0},
    {"POLICY": "PARK", "N": 3, "DEFERRED": 0, "TAKEOVERS": 0, "REJECTED": 0},
]
KEPT_LONG = [
    {"POLICY": "PARK"},
    {"POLICY": "HOLD"},
    {"POLICY": "RETRY"},
    {"POLICY": "PARK", "N": 3, "TAKEOVERS": 0},
    {"POLICY": "HOLD", "N": 3, "TAKEOVERS": 0},
    {"POLICY": "RETRY", "N": 3, "TAKEOVERS": 0, "DEFERRED": 0},
    {"POLICY": "PARK", "CRASHES": 2},
]
BROKEN = [
    {"MUTATION": 1},               # acknowledged before it is committed
    {"MUTATION": 2},               # sent before a row says so
    {"MUTATION": 3},               # what was being tried is simply sent again after a kill
    {"MUTATION": 4},               # the store takes rows of an engine that lost its lease
    {"MUTATION": 5},               # the lane goes on past what waits
    {"MUTATION": 6, "SLOTS": 1},   # more is armed than there are slots
    {"MUTATION": 7, "POLICY": "RETRY", "TAKEOVERS": 0, "DEFERRED": 0},  # a lane ahead of a parking
]


def search(sizes, folder):
    """(promises broken, states seen, what Spin said)"""
    words = [f"-D{name}={value}" for name, value in sizes.items()]
    subprocess.run(["spin", "-a", *words, MODEL], cwd=folder, check=True, capture_output=True)
    subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=8000", "-o", "pan",
                    "pan.c"], cwd=folder, check=True)
    output = subprocess.run(["./pan", "-m100000", "-w22"], cwd=folder, capture_output=True,
                            text=True).stdout
    if "max search depth too small" in output or "out of memory" in output:
        raise SystemExit(f"{sizes}: the search was not exhaustive:\n{output}")
    errors = re.search(r"errors: (\d+)", output)
    states = re.search(r"(\d+(?:e\+\d+)?) states, stored", output)
    if not errors or not states:
        raise SystemExit(f"{sizes}: unreadable output:\n{output}")
    return int(errors[1]), int(float(states[1])), output


def main():
    wrong = 0
    sizes = KEPT + (KEPT_LONG if os.environ.get("CAUSEWAY_LONG") else [])
    for sizes, expected in [(s, 0) for s in sizes] + [(s, 1) for s in BROKEN]:
        with tempfile.TemporaryDirectory(prefix="causeway-model-") as folder:
            errors, states, output = search(sizes, folder)
        good = bool(errors) == bool(expected)
        wrong += not good
        print(f"{'as expected' if good else 'NOT AS EXPECTED'}: {sizes}: {states} states, "
              f"{errors} broken promises", flush=True)
        if not good:
            print(output)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
