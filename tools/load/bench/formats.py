"""How fast HL7 v2 is read and edited, beside other parsers that are found on this machine."""
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PARSERS = Path(__file__).resolve().parent / "parsers"
NPM_PARSERS = ("hl7parser", "simple-hl7", "hl7-standard")
MESSAGE_BYTES_MAX = 64 * 1024
SHORT_BYTES_MAX = 600
PATIENCE_S = 300
USUAL_HEADER = re.compile(rb"MSH\|\^~\\&\|")


def sources():
    """The corpus of real messages if there is one (CORPUS names its folder), else the samples'."""
    corpus = Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus") / "hl7v2"
    if corpus.is_dir():
        return "the corpus", sorted(p for p in corpus.glob("*/files/**/*") if p.is_file())
    return "the samples", sorted(ROOT.glob("samples/**/*.hl7"))


def messages(paths):
    """Distinct ones that every parser is made for: usual delimiters, CR alone."""
    found = {}
    for path in paths:
        content = re.sub(rb"[\r\n]+", b"\r", path.read_bytes().strip(b"\x0b\x1c\r\n"))
        for text in re.split(rb"\r(?=MSH\|)", content):
            if USUAL_HEADER.match(text) and len(text) <= MESSAGE_BYTES_MAX and b"\rPID|" in text:
                found.setdefault(text.rstrip(b"\r") + b"\r")
    return list(found)


def answer_of(command):
    if shutil.which(str(command[0])) is None:
        return {"missing": str(command[0])}
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE_S, text=True)
    if done.returncode != 0:
        return {"missing": done.stderr.strip().splitlines()[-1] if done.stderr else "failed"}
    return json.loads(done.stdout)


def write_framed(file, texts):
    file.write_bytes(b"".join(b"\x0b" + text + b"\x1c\r" for text in texts))


def measure(built, seconds, modules):
    origin, paths = sources()
    all_messages = messages(paths)
    short = [text for text in all_messages if len(text) <= SHORT_BYTES_MAX]
    with tempfile.TemporaryDirectory() as folder:
        file, short_file = Path(folder) / "messages", Path(folder) / "short"
        write_framed(file, all_messages)
        write_framed(short_file, short)
        ours = answer_of([built / "tests" / "hl7v2_bench", file, seconds])
        ours_short = answer_of([built / "tests" / "hl7v2_bench", short_file, seconds])
        average_short = sum(map(len, short)) / max(len(short), 1)
        rows = {"causeway": ours["whole"], "causeway, index alone": ours["index"],
                f"the same, of {average_short:.0f} bytes": ours_short.get("index", ours_short),
                "python3-hl7": answer_of(["/usr/bin/python3", PARSERS / "parser.py", file, seconds])}
        for name in NPM_PARSERS:
            rows[f"npm {name}"] = ({"missing": "no --node-modules"} if modules is None else
                                   answer_of(["node", PARSERS / "parser.js", modules, name, file,
                                              seconds]))
    average = sum(map(len, all_messages)) / len(all_messages)
    return {"origin": origin, "messages": len(all_messages), "bytes": average, "rows": rows}


def lines(result):
    yield (f"HL7 v2, one core: parse, read ten fields, set one, write; {result['messages']} messages "
           f"of {result['origin']}, {result['bytes']:.0f} bytes on average")
    yield f"{'':24} {'read':>6} {'us/message':>11} {'MB/s':>9} {'times':>7} {'allocations':>12}"
    base = result["rows"]["causeway"]["mb_s"]
    for name, row in result["rows"].items():
        if "missing" in row:
            yield f"{name:24} not measured: {row['missing']}"
            continue
        allocations = f"{row['allocations']:12.1f}" if "allocations" in row else ""
        yield (f"{name:24} {row['messages']:6} {row['us']:11.2f} {row['mb_s']:9.1f} "
               f"{base / row['mb_s']:7.1f} {allocations}")
