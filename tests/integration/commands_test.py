#!/usr/bin/env python3
"""The commands as a user works with them: the real engine, its PostgreSQL, peers on both ends.

Usage: commands_test.py BUILD_FOLDER [argument of unittest ...], such as `-k Show`, `-v`
CAUSEWAY_KEEP=1 keeps the installations' folders."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from commands.running import EngineCase  # noqa: E402


def load_tests(loader, _tests, _pattern):
    files = sorted((Path(__file__).resolve().parent / "commands").glob("*_test.py"))
    return loader.loadTestsFromNames([f"commands.{file.stem}" for file in files])


if __name__ == "__main__":
    EngineCase.build = Path(sys.argv.pop(1)).resolve()
    try:
        unittest.main(verbosity=2)
    finally:
        EngineCase.end()
