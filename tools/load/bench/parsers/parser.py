#!/usr/bin/env python3
"""Parse, read ten fields, set one, write, with Debian's python3-hl7: for `tools/bench --formats`.

Usage: parser.py FILE SECONDS     FILE: messages in MLLP frames. Prints one JSON object."""
import json
import sys
import time

sys.path.append("/usr/lib/python3/dist-packages")

FIELDS = [("MSH", 9, 1), ("MSH", 10, 1), ("PID", 3, 1), ("PID", 5, 1), ("PID", 5, 2), ("PID", 7, 1),
          ("PID", 8, 1), ("PV1", 2, 1), ("OBX", 3, 1), ("OBX", 5, 1)]
WARM_UP = 200


def work(hl7, text):
    message = hl7.parse(text)
    size = 0
    for segment, field, component in FIELDS:
        try:
            size += len(message.extract_field(segment, 1, field, 1, component))
        except (KeyError, IndexError, LookupError):
            pass  # not there
    try:
        message.segment("PID")(8, "U")
    except KeyError:
        message.segment("MSH")(5, "U")
    return size + len(str(message))


def main(path, seconds):
    try:
        import hl7
    except ImportError:
        print(json.dumps({"missing": "python3-hl7"}))
        return
    texts = [part.split(b"\x1c\r")[0].decode("latin-1")
             for part in open(path, "rb").read().split(b"\x0b")[1:]]
    good = []
    for text in texts:
        try:
            work(hl7, text)
            good.append(text)
        except Exception:  # of any kind: it is not made for all of them
            pass
    for text in good[:WARM_UP]:
        work(hl7, text)
    count = size = 0
    begin = time.perf_counter()
    took = 0
    while took < seconds:
        for text in good:
            work(hl7, text)
            size += len(text)
        count += len(good)
        took = time.perf_counter() - begin
    print(json.dumps({"messages": len(good), "us": took * 1e6 / count, "mb_s": size / took / 1e6}))


main(sys.argv[1], float(sys.argv[2]))
