#!/usr/bin/env python3
"""Kills, stops and cuts at random moments under load; after each round the peers' ledgers are
compared with the store.

Usage: kills_test.py BUILD_FOLDER      CAUSEWAY_LONG=1: 1,000 kills; CAUSEWAY_SEED=n: as before"""
import collections
import os
import random
import sys
import time
from pathlib import Path

import faults
from installation import Failure, Installation
from under_load import UnderLoad

KILLS_PER_ROUND = 5
KILLS_PER_INSTALLATION = 250  # then a new one, with patients of its own from the first


class Kills(UnderLoad):
    def __init__(self, build, chance):
        super().__init__(Installation(build, "kills"))
        self.random, self.kills = chance, 0

    def choose(self):
        """Every kind of kill gets its turn in a round, in any order; other faults come between."""
        order = self.random.sample(faults.KILLS, KILLS_PER_ROUND)
        for place in sorted(self.random.sample(range(KILLS_PER_ROUND), 3), reverse=True):
            order.insert(place, self.random.choice(faults.OTHERS))
        return order

    def inject(self, fault):
        detail = fault(self.site, self.random)
        self.kills += fault in faults.KILLS
        print(f"  {fault.__name__} {detail or ''}", flush=True)

    def fault_under_load(self, fault, next_fault):
        """Returns how many there were: sometimes the next comes while the first is mended."""
        seconds = self.random.uniform(0.7, 1.8)
        ready, injected = self.site.times_ready(), [fault]

        def inject_all():
            time.sleep(self.random.uniform(0.05, seconds))
            self.inject(fault)
            if next_fault and self.random.random() < 0.3:
                time.sleep(self.random.uniform(0, 1))
                self.inject(next_fault)
                injected.append(next_fault)
        self.load_while(seconds, inject_all)
        if injected == [faults.kill_engine]:
            self.site.wait_ready(ready + 1)
        return len(injected)

    def round(self):
        order = self.choose()
        at = 0
        while at < len(order):
            at += self.fault_under_load(order[at], order[at + 1] if at + 1 < len(order) else None)
        self.wait_drained()
        self.compare(len(order))

    def restart_cleanly(self):
        """Nothing is sent again, and nothing is left running."""
        postmaster = self.site.postmaster_pid()
        before = [channel.recorder.count() for channel in self.channels]
        if (code := self.site.stop()) != 0:
            raise Failure(f"SIGTERM ended it with {code}:\n{self.site.log_text()[-3000:]}")
        if self.site.postmaster_pid() == postmaster:
            raise Failure("PostgreSQL has outlived a clean stop")
        ready = self.site.times_ready()
        self.site.start()
        self.site.wait_ready(ready + 1)
        self.wait_drained()
        after = [channel.recorder.count() for channel in self.channels]
        if before != after:
            raise Failure(f"a clean restart sent again: {before} received before, {after} after")

    def all(self, kills):
        self.site.start()
        self.site.wait_ready(1)
        while self.kills < kills:
            self.round()
            print(f"{self.kills} kills: {self.totals}", flush=True)
        self.restart_cleanly()


def main():
    seed = int(os.environ.get("CAUSEWAY_SEED") or random.randrange(1 << 32))
    print(f"CAUSEWAY_SEED={seed}", flush=True)
    left = 1000 if os.environ.get("CAUSEWAY_LONG") else 25
    chance, totals = random.Random(seed), collections.Counter()
    while left > 0:
        test = Kills(Path(sys.argv[1]), chance)
        try:
            test.all(min(left, KILLS_PER_INSTALLATION))
        except Failure as failure:
            print(f"FAILED with CAUSEWAY_SEED={seed}:\n{failure}")
            return 1
        finally:
            test.close()
        left -= test.kills
        totals.update(test.totals, kills=test.kills)
    print(f"passed: {dict(totals)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
