"""Command line and course of the bench."""
import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import dicom, formats, limits, many, measure, report, restart, scripts, seed, verify
from .engine import ORDERS, Engine, channel, file_system, free_ports
from .programs import Failure, Receiver, generate

ROOT = Path(__file__).resolve().parents[3]
TARGETS = ["causeway", "load_generator", "load_receiver", "load_bare_rows", "hl7v2_bench",
           "script_bench"]


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/bench", description=sys.modules["bench"].__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object, no tables")
    parser.add_argument("--seconds", type=float, default=10, help="length of each row (10)")
    parser.add_argument("--rows", default="patient:1,patient:8,patient:32,channel:32,none:32",
                        help="order:connections, separated by commas; orders: " + ", ".join(ORDERS))
    parser.add_argument("--patients", type=int, default=10000, help="distinct patients per row")
    parser.add_argument("--bytes", type=int, default=1500, help="length of a message")
    parser.add_argument("--samples", type=int, default=200, help="messages to find and compare")
    parser.add_argument("--terms", type=int, default=0,
                        help="search terms that the store holds beforehand, such as 30000000")
    parser.add_argument("--restart", nargs="?", const=restart.DEFAULT, metavar="STORED,QUEUED",
                        help="instead of the rows: kill -9 over a store with so many messages "
                             "stored and queued for a dead destination (" + restart.DEFAULT + ")")
    parser.add_argument("--channels", nargs="?", type=int, const=many.DEFAULT, metavar="N",
                        help="instead of the rows: what N deployed channels cost beside one "
                             f"({many.DEFAULT})")
    parser.add_argument("--dicom", nargs="?", type=int, const=dicom.DEFAULT, metavar="MIB",
                        help="instead of the rows: objects from DCMTK's storescu to its storescp, directly and "
                             f"through the engine; the largest has so many MiB ({dicom.DEFAULT})")
    parser.add_argument("--formats", action="store_true",
                        help="instead of the rows: HL7 v2 read and edited, beside other parsers")
    parser.add_argument("--scripts", action="store_true",
                        help="instead of the rows: what scripts add to a message")
    parser.add_argument("--node-modules", type=Path, metavar="FOLDER",
                        help="where npm has put parsers to compare with: " + ", ".join(formats.NPM_PARSERS))
    parser.add_argument("--seed", type=int, default=1, help="of the choice of samples")
    parser.add_argument("--folder", default="/var/tmp",
                        help="where the data folder is made, on the disk to be measured (/var/tmp)")
    parser.add_argument("--keep", action="store_true", help="leave the data folder behind")
    parser.add_argument("--build", type=Path, help="a built folder; by default build/ is built")
    return parser.parse_args(arguments)


def parse_rows(text):
    rows = []
    for part in text.split(","):
        order, _, connections = part.partition(":")
        if order not in ORDERS or not connections.isdigit() or int(connections) < 1:
            raise Failure(f"--rows: \"{part}\" is not order:connections")
        rows.append((order, int(connections)))
    return rows


def build(folder):
    if folder:
        return folder
    folder = ROOT / "build"
    for command in (["cmake", "-B", str(folder), "-G", "Ninja", "-S", str(ROOT)],
                    ["ninja", "-C", str(folder), *TARGETS]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failure(done.stdout[-4000:])
    return folder


def machine(folder):
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in processors
                  if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpus": len(os.sched_getaffinity(0)), "model": model, "memory_gib": memory / 2**30,
            "file_system": file_system(folder), "commit": commit.stdout.strip() or "?"}


class Bench:
    def __init__(self, options, built, folder, say):
        self._options = options
        self._folder = folder
        self._say = say
        self._programs = built / "tools"
        self._received = folder / "received.tsv"
        self._receiver = Receiver(self._programs, self._received)
        self._ports = dict(zip(ORDERS, free_ports(len(ORDERS))))
        self._engine = Engine(built / "causeway", folder, {
            order: channel(order, port, {"out": self._receiver.port})
            for order, port in self._ports.items()})
        self._ledgers = []
        self._warmed = 0
        self._before = ({}, 0)

    def close(self):
        try:
            self._engine.stop()
        finally:
            self._receiver.stop()

    def run(self):
        options = self._options
        rows = parse_rows(options.rows)
        result = {"limits": {}, "rows": []}
        self._measure_limits(result["limits"], rows)
        self._engine.start()
        if options.terms:
            seed.terms(self._engine.database(), options.terms, self._say)
            self._restart()
        self._before = self._store_size()
        self._warm_up()
        self._say(report.row_heading())
        for order, connections in rows:
            row = self._row(order, connections)
            result["rows"].append(row)
            self._say(report.row_line(row))
        self._store_shares(result)
        result["restart_seconds"] = self._restart()
        self._compare(result)
        for line in report.limit_lines(result["limits"]):
            self._say(line)
        for line in report.closing_lines(result):
            self._say(line)
        return result

    def _measure_limits(self, found, rows):
        seconds = min(self._options.seconds, 3)
        found["fsync"] = limits.fsync(self._folder, seconds)
        found["echo"] = [
            dict(limits.echo(self._programs, connections, seconds, self._options.bytes),
                 connections=connections)
            for connections in sorted({connections for _, connections in rows})]

    def _options_of(self, connections):
        """Each run has patients of its own, so that its sequences begin at 1."""
        run = len(self._ledgers) + 1
        self._ledgers.append(self._folder / f"sent-{run}.tsv")
        return {"connections": connections, "run": run, "ledger": self._ledgers[-1],
                "bytes": self._options.bytes,
                "patients": max(self._options.patients, connections)}

    def _warm_up(self):
        """Connections, prepared statements, compiled scripts, and the first partitions."""
        for port in self._ports.values():
            sent = generate(self._programs, port, **self._options_of(8), count=500)
            self._warmed += sent["answers"].get("AA", 0)
        got = measure.drained(self._receiver, self._warmed, 60)["received"]
        if got != self._warmed:
            raise Failure(f"warming up: {self._warmed} accepted, {got} received")

    def _row(self, order, connections):
        options = dict(self._options_of(connections), seconds=self._options.seconds)
        row = measure.row(self._engine, self._engine.database(), self._receiver, self._programs,
                          self._ports[order], options)
        return {"order": order, **row}

    def _store_size(self):
        database = self._engine.database()
        return database.row_counts(), database.size_bytes()

    def _store_shares(self, result):
        counts, size = self._store_size()
        counts_before, size_before = self._before
        grown = {name: count - counts_before.get(name, 0) for name, count in counts.items()}
        messages = max(grown.get("message", 0), 1)
        shares = {name: count / messages for name, count in grown.items() if count > 0}
        result["rows_per_message"] = shares
        result["disk_bytes_per_message"] = (size - size_before) / messages
        database = self._engine.database()
        result["limits"]["bare_rows"] = [
            bare for batch in (1, 64, 256)
            if (bare := limits.bare_rows(self._programs, self._folder, database, shares, batch))]

    def _restart(self):
        self._engine.stop()
        return self._engine.start()

    def _compare(self, result):
        options = self._options
        self._receiver.report()  # the ledger is written out with each report
        accepted, received, twice = verify.read_ledgers(self._ledgers, self._received)
        stored = self._engine.database().row_counts().get("message", 0)
        result["totals"] = verify.totals(accepted, received, twice, stored)
        result["samples"] = verify.samples(self._engine, self._programs, options.bytes, accepted,
                                           received, options.samples, options.seed)


def run(options):
    def say(line):
        if not options.json:
            print(line, flush=True)

    if options.formats:
        result = formats.measure(build(options.build), min(options.seconds, 3), options.node_modules)
        for line in formats.lines(result):
            say(line)
        if options.json:
            print(json.dumps(result, indent=2))
        return
    if options.scripts:
        result = scripts.measure(build(options.build))
        for line in scripts.lines(result):
            say(line)
        if options.json:
            print(json.dumps(result, indent=2))
        return
    restart_size = restart.parse(options.restart) if options.restart else None
    built = build(options.build)
    folder = Path(tempfile.mkdtemp(prefix="causeway-bench-", dir=options.folder))
    folder.chmod(0o755)  # as root, the engine runs as a user of its own
    bench = None
    try:
        result = {"machine": machine(folder)}
        for line in report.machine_lines(result["machine"]):
            say(line)
        if restart_size:
            bench = restart.Restart(built / "tools", built / "causeway", folder, restart_size, say)
            result["restart"] = bench.run()
            for line in report.restart_lines(result["restart"]):
                say(line)
        elif options.channels:
            bench = many.ManyChannels(built / "tools", built / "causeway", folder, options.channels,
                                      min(options.seconds, 5), say)
            result["channels"] = bench.run()
        elif options.dicom:
            bench = dicom.Dicom(built / "causeway", folder, options.dicom)
            result["dicom"] = bench.run()
            for line in dicom.lines(result["dicom"]):
                say(line)
        else:
            bench = Bench(options, built, folder, say)
            result.update(bench.run())
        if options.json:
            print(json.dumps(result, indent=2))
        if restart_size:
            restart.check(result["restart"])
        elif options.channels:
            many.check(result["channels"])
        elif not options.dicom:
            verify.check(result)
    finally:
        if bench:
            bench.close()
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main(arguments):
    try:
        run(parse(arguments))
    except Failure as failure:
        print(f"tools/bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
