#!/usr/bin/env python3
"""The world around the engine fails for a while under load: network, database, disk, clock, memory,
peers. What was acknowledged is there afterwards, the ledgers agree, and it has gone on by itself.

Usage: outage_test.py BUILD_FOLDER [OUTAGE ...]"""
import os
import shutil
import sys
import time
from pathlib import Path

import outages
from database_server import DatabaseServer
from gate import Gate
from installation import Failure, Installation
from under_load import UnderLoad

DISK_MB = 600
FAKETIME = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime" / "libfaketimeMT.so.1"


class OutageSite(Installation):
    """An engine whose database is reached through gates, on a disk of its own."""

    def __init__(self, build):
        super().__init__(build, "outages")
        self.disk = self.folder / "disk"
        self.mounted = outages.small_disk(self.disk, DISK_MB)
        self.database, self.replica = [DatabaseServer(self.folder_of_server(name))
                                       for name in ("first", "second")]
        self.servers = self.database, self.replica
        self.database_gates = [Gate(server.port) for server in self.servers]
        self.ports = ",".join(str(gate.port) for gate in self.database_gates)
        if FAKETIME.exists():
            self.set_clock()
        self.load = UnderLoad(self)

    def folder_of_server(self, name):
        folder = self.disk / name
        folder.mkdir()
        folder.chmod(0o777)
        return folder

    def set_clock(self):
        (self.folder / outages.CLOCK_FILE).write_text("+0\n")
        self.environment = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                            "FAKETIME_TIMESTAMP_FILE": str(self.folder / outages.CLOCK_FILE)}

    def start(self):
        self.database.make()
        super().start("--database", f"host=127.0.0.1,127.0.0.1 port={self.ports} user=causeway "
                      "dbname=causeway target_session_attrs=read-write")

    def postmaster_pid(self):
        return 0  # it has none of its own

    def conninfo(self, role):
        return f"host=127.0.0.1 port={self.database.port} user={role} dbname=causeway"

    def remove(self):
        super().remove()
        for gate in self.database_gates:
            gate.stop()
        for server in self.servers:
            server.stop(9)
        if self.mounted:
            outages.unmount(self.disk)
        shutil.rmtree(self.folder, ignore_errors=True)


def possible(site, outage):
    if outage is outages.disk_full and not site.mounted:
        return "no file system can be mounted here"
    if outage is outages.clock_jumps and not FAKETIME.exists():
        return "libfaketime is missing"
    return None


def run(site, outage):
    if why_not := possible(site, outage):
        print(f"{outage.__name__}: not made: {why_not}", flush=True)
        return
    engine, said, began = site.engine_pid(), [None], time.monotonic()

    def fail_and_heal():
        time.sleep(0.5)
        said[0] = outage(site)
    site.load.load_while(2, fail_and_heal)
    site.load.wait_drained()
    # One outage may catch what each of the connections has on the way, before and after it.
    site.load.compare(2)
    if outage not in outages.ENDS_ENGINE and site.engine_pid() != engine:
        raise Failure(f"{outage.__name__}: the engine was restarted:\n{site.log_text()[-3000:]}")
    print(f"{outage.__name__}: {said[0] or 'survived'}, {time.monotonic() - began:.1f} s; "
          f"{site.load.totals}", flush=True)


def main():
    wanted = [outage for outage in outages.ALL
              if not sys.argv[2:] or outage.__name__ in sys.argv[2:]]
    site = OutageSite(Path(sys.argv[1]))
    try:
        site.start()
        site.wait_ready(1)
        for outage in wanted:
            run(site, outage)
        if (code := site.stop()) != 0:
            raise Failure(f"SIGTERM ended it with {code}:\n{site.log_text()[-3000:]}")
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        site.load.close()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
