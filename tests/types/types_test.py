#!/usr/bin/env python3
"""mappings/lib/causeway.d.ts as an editor uses it: the TypeScript compiler finds nothing wrong in good.js
and the samples, and in mistakes/ what their comments "expect: CODE words", on these lines, and no more."""
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def expected():
    """(file, line) -> (code, words) of every mistake."""
    found = {}
    for file in sorted((HERE / "mistakes").glob("*.js")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if match := re.search(r"// expect: (TS\d+) (.*)$", line):
                found[(file.name, number)] = match.groups()
    return found


def reported(compiler):
    """(file, line) -> (code, text), the text with the lines that explain it."""
    run = subprocess.run([compiler, "--project", HERE, "--pretty", "false"], cwd=HERE,
                         capture_output=True, text=True, timeout=240)
    found, last = {}, None
    for line in run.stdout.splitlines():
        match = re.match(r"(.+)\((\d+),\d+\): error (TS\d+): (.*)$", line)
        if match:
            last = (pathlib.Path(match[1]).name, int(match[2]))
            found[last] = (match[3], match[4])
        elif last:
            found[last] = (found[last][0], found[last][1] + " " + line.strip())
        else:
            sys.exit(f"the compiler says: {line}")
    return found


def main():
    compiler = shutil.which("tsc")
    if not compiler:
        print("skipped: no TypeScript compiler (node-typescript)")
        return
    wrong = []
    mistakes, errors = expected(), reported(compiler)
    for place in sorted(mistakes.keys() | errors.keys()):
        code, words = mistakes.get(place, ("none", ""))
        got, text = errors.get(place, ("none", ""))
        if code != got or words not in text:
            wrong.append(f"{place[0]}:{place[1]}: expected {code} {words}, got {got} {text}")
    if not mistakes:
        wrong.append("there are no mistakes to find")
    print("\n".join(wrong) or f"{len(mistakes)} mistakes are found, and no other")
    sys.exit(1 if wrong else 0)


main()
