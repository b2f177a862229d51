"""Afterwards: is everything there, once, and unaltered?"""
import random

from .engine import expected_output
from .programs import Failure, message_bytes

MASK = (1 << 64) - 1


def hash_of(data):
    """As load_receiver writes it to its ledger (tools/load/messages.h)."""
    value = len(data)
    for at in range(0, len(data), 8):
        value = ((value ^ int.from_bytes(data[at:at + 8], "little")) * 0x100000001B3) & MASK
        value ^= value >> 29
    return value


def read_ledgers(sent_ledgers, received_ledger):
    """(control ids accepted, {control id: hash of what the receiver got}, how often twice)."""
    accepted = []
    for path in sent_ledgers:
        with open(path) as lines:
            for line in lines:
                control_id, code = line.split("\t")[:2]
                if code in ("AA", "CA"):
                    accepted.append(control_id)
    received, twice = {}, 0
    with open(received_ledger) as lines:
        for line in lines:
            fields = line.split("\t")
            twice += fields[0] in received
            received[fields[0]] = int(fields[3], 16)
    return accepted, received, twice


def stored_copy(engine, mrn, message):
    """True if a search by MRN leads to a stored message with exactly these bytes."""
    found = engine.find("PID-3.1", mrn)
    control_id = message.split(b"|")[9].decode()
    # The right one first, where the listing names control ids.
    found.sort(key=lambda each: each.get("control_id") != control_id)
    return any(engine.body(str(each["id"])) == message for each in found)


def samples(engine, programs, size, accepted, received, count, seed):
    """Finds `count` random messages by MRN and compares what is stored and what was sent out."""
    chosen = random.Random(seed).sample(accepted, min(count, len(accepted)))
    wrong = []
    for control_id in chosen:
        message = message_bytes(programs, control_id, size)
        if not stored_copy(engine, control_id[:10], message):
            wrong.append(f"{control_id}: not found by its MRN as it was sent")
        elif received.get(control_id) != hash_of(expected_output(message)):
            wrong.append(f"{control_id}: the receiver got something else than the script makes")
    return {"compared": len(chosen), "wrong": wrong}


def totals(accepted, received, twice, stored):
    """sent = stored = received, as sets where both sides have names."""
    sent = set(accepted)
    result = {"sent": len(accepted), "stored": stored, "received": len(received),
              "received_twice": twice, "not_received": len(sent - received.keys()),
              "received_unsent": len(received.keys() - sent)}
    result["equal"] = (len(sent) == len(accepted) == stored == len(received) and twice == 0
                       and result["not_received"] == 0 and result["received_unsent"] == 0)
    return result


def check(result):
    """Failure if anything was lost, doubled or altered."""
    problems = []
    if not result["totals"]["equal"]:
        problems.append(f"sent, stored and received differ: {result['totals']}")
    problems += result["samples"]["wrong"]
    for row in result["rows"]:
        if row["order"] != "none" and row["late"]:
            problems.append(f"{row['late']} messages out of order with order by {row['order']}")
    if problems:
        raise Failure("\n".join(problems[:20]))
