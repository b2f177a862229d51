#!/usr/bin/env python3
"""Checks the rules that the tree keeps: who may include whom, third-party headers, names, sizes,
format, samples, fuzzers. Prints one line per finding, and exits with 1 if there is any.

Usage: check_tree.py ROOT [--no-format]
"""

import os
import re
import shutil
import subprocess
import sys

CODE_FOLDERS = ("engine", "connectors", "tests", "tools")
TEXT_FOLDERS = CODE_FOLDERS + ("mappings", "samples", "schemas", ".ci")
TEXT_ENDINGS = (".h", ".cpp", ".py", ".sh", ".js", ".ts", ".sql", ".md", ".txt", ".json")
LINES_MAX = 500

# Which folders a folder may include, besides itself.
BASE = {"engine/core", "engine/config", "engine/formats"}
PIPELINE = BASE | {"engine/script", "engine/pipeline"}
CHANNEL = PIPELINE | {"engine/channel"}
API = CHANNEL | {"engine/store", "engine/security", "engine/observe", "engine/api"}
MAY_INCLUDE = {
    "engine/core": set(),
    "engine/config": {"engine/core"},
    "engine/formats": {"engine/core"},
    "engine/script": {"engine/core", "engine/formats"},
    "engine/pipeline": PIPELINE,
    "engine/channel": CHANNEL,
    "engine/store": BASE,
    "engine/security": BASE,
    "engine/observe": BASE,
    "engine/api": API,
    "engine/main": API | {"engine/main", "connectors"},
    "connectors/support": BASE,
}
CONNECTOR_MAY_INCLUDE = BASE | {"connectors/support"}

POSIX = re.compile(r"^(sys|net|netinet|arpa)/\w+\.h$|^(fcntl|poll|pwd|signal|stdlib|unistd)\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
BANNED_NAME = re.compile(r"\b\w*(?:Manager|Helper|Util(?:s|ity|ities)?)\b")
GETTER = re.compile(r"(?<![.:>\w])get_\w+\s*\(")
BANNED_FILE = re.compile(r"(manager|helper|util|utils|common|misc)(?=[_./]|$)")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def layer_of(path):
    """The folder that the dependency rule speaks of."""
    parts = path.split("/")
    if parts[0] == "engine":
        return "/".join(parts[:2])
    if parts[0] == "connectors":
        return "/".join(parts[:2]) if len(parts) > 2 else "connectors"
    return parts[0]


def may_include(path, included):
    origin, target = layer_of(path), layer_of(included)
    if origin == target or origin == "tests":
        return True
    if origin == "tools":
        # The load programs are an oracle of their own: they share no code with the engine.
        return included.startswith("tools/") or not path.startswith("tools/load/")
    if origin in ("connectors", "engine/main") and target.startswith("connectors"):
        return True
    if origin == "connectors":
        return target in BASE
    if origin.startswith("connectors/") and origin != "connectors/support":
        return target in CONNECTOR_MAY_INCLUDE
    return target in MAY_INCLUDE.get(origin, set())


class Tree:
    def __init__(self, root):
        self.root = root
        self.findings = []
        self.files = {}
        for folder in TEXT_FOLDERS:
            for place, folders, names in os.walk(os.path.join(root, folder)):
                folders[:] = [name for name in folders if name != "seeds"]
                for name in names:
                    self.read(os.path.relpath(os.path.join(place, name), root))
        self.code = {path: text for path, text in self.files.items()
                     if path.startswith(CODE_FOLDERS) and path.endswith((".h", ".cpp"))}

    def read(self, path):
        script = "." not in os.path.basename(path)
        if path.endswith(TEXT_ENDINGS) or script:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self.files[path] = file.read()

    def report(self, path, line, text):
        self.findings.append(f"{path}:{line}: {text}")

    def report_matches(self, path, pattern, text, rule):
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            self.report(path, line, f"{match.group(0).strip(' (')}: {rule}")

    def check(self, with_format=True):
        for path, text in sorted(self.files.items()):
            self.check_text(path, text)
        for path, text in sorted(self.code.items()):
            self.check_includes(path, text)
            self.check_names(path, text)
        self.check_headers()
        self.check_samples()
        self.check_fuzzers()
        if with_format:
            self.check_format()
        return self.findings

    def check_text(self, path, text):
        self.report_matches(path, UNFINISHED, text, "finish it, or file an issue")
        if not text.strip():
            self.report(path, 1, "an empty file")  # as a test, it would pass
        lines = text.count("\n")
        if lines > LINES_MAX and path.endswith((".h", ".cpp", ".py", ".js", ".sql")):
            self.report(path, lines, f"longer than {LINES_MAX} lines")

    def check_includes(self, path, text):
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            kind, included = match.groups()
            if kind == "<":
                continue
            if included not in self.files:
                self.report(path, line, f'"{included}": not a file of the tree, from its root')
            elif not may_include(path, included):
                self.report(path, line, f"{layer_of(path)} may not include {layer_of(included)}")

    def check_names(self, path, text):
        # What is not code keeps its line breaks, so that lines are still counted right.
        code = NOT_CODE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
        self.report_matches(path, BANNED_NAME, code, "a name that says nothing")
        self.report_matches(path, GETTER, code, "no get_ before the name of what is given")
        if BANNED_FILE.search(path):
            self.report(path, 1, "a file's or folder's name that says nothing")

    def check_headers(self):
        includers = {}
        for path, text in self.code.items():
            for kind, included in INCLUDE.findall(text):
                if kind == '"':
                    includers.setdefault(included, set()).add(os.path.dirname(path))
        for path, text in sorted(self.code.items()):
            if path.endswith(".h"):
                self.check_header(path, text, includers.get(path, set()))

    def check_header(self, path, text, included_from):
        if not text.startswith("//"):
            self.report(path, 1, "a header opens with what it is for")
        if "\n#pragma once\n" not in text:
            self.report(path, 1, "no #pragma once")
        foreign = [name for kind, name in INCLUDE.findall(text)
                   if kind == "<" and ("/" in name or "." in name) and not POSIX.match(name)]
        elsewhere = sorted(included_from - {os.path.dirname(path)})
        if not foreign or path.startswith("tests/"):
            return
        # An adapter's own header may name what it adapts, if nobody else sees it.
        for place in elsewhere:
            self.report(path, 1, f"<{foreign[0]}> is seen by {place}, outside of its adapter")

    def check_samples(self):
        samples = os.path.join(self.root, "samples")
        listed = self.files.get("samples/README.md", "")
        for name in sorted(os.listdir(samples)) if os.path.isdir(samples) else []:
            if not os.path.isdir(os.path.join(samples, name)):
                continue
            if name not in listed:
                self.report("samples/README.md", 1, f"does not mention {name}")
            if f"samples/{name}/README.md" not in self.files:
                self.report(f"samples/{name}", 1, "has no README.md")

    def check_fuzzers(self):
        registered = self.files.get("tests/fuzz/CMakeLists.txt", "")
        for path in sorted(self.code):
            name, ending = os.path.splitext(os.path.basename(path))
            if os.path.dirname(path) != "tests/fuzz" or ending != ".cpp":
                continue
            seeds = os.path.join(self.root, "tests/fuzz/seeds", name)
            if not os.path.isdir(seeds) or not os.listdir(seeds):
                self.report(path, 1, f"no seeds in tests/fuzz/seeds/{name}/")
            if f"causeway_fuzzer({name} " not in registered:
                self.report(path, 1, "not in tests/fuzz/CMakeLists.txt")

    def check_format(self):
        tool = shutil.which("clang-format-14")
        if not tool:
            print("format not checked: there is no clang-format-14")
            return
        paths = sorted(self.code)
        for begin in range(0, len(paths), 50):
            run = subprocess.run([tool, "--dry-run", "--ferror-limit=1", *paths[begin:begin + 50]],
                                 cwd=self.root, capture_output=True, text=True, check=False)
            for path, line in re.findall(r"^([^:\n]+):(\d+):\d+: (?:warning|error): code should be",
                                         run.stderr, re.MULTILINE):
                self.report(path, line, "not as clang-format-14 would have it")


def main(arguments):
    findings = Tree(arguments[0]).check(with_format="--no-format" not in arguments)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
