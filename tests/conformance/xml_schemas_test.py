#!/usr/bin/env python3
"""Do the XML schemas that are made from the grammar accept v2 XML, and refuse what breaks them?

Usage: xml_schemas_test.py BUILD     (77: no xmllint)
For versions old and new, and structures spread over each, a message with every segment of the structure
and every required field is written as v2 XML, judged by xmllint, read back, and compared."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("2.2", "2.3.1", "2.5.1", "2.7", "2.8.2")
STRUCTURES_PER_VERSION = 12
PATIENCE_S = 120
TOKEN = re.compile(r"[A-Za-z0-9_]+|[()<>?*+]")


class Grammar:
    """What tools/hl7v2_grammar.py says of the files' format, read apart from the engine."""

    def __init__(self, version):
        self.segments, self.types, self.structures = {}, {}, {}
        elements = None
        for line in (ROOT / "schemas/hl7v2" / f"{version}.tsv").read_text().splitlines():
            columns = line.split("\t")
            if columns[0] in "sd":
                elements = (self.segments if columns[0] == "s" else self.types).setdefault(columns[1], [])
            elif columns[0] == "-":
                elements.append((columns[1], columns[2]))
            elif columns[0] == "m":
                self.structures[columns[1]] = TOKEN.findall(columns[2])

    def segment_names(self, tokens):
        """Every segment once; of a choice the first. None: it has a segment without a name of its own."""
        names, in_choice, taken = [], 0, False
        for at, token in enumerate(tokens):
            following = tokens[at + 1] if at + 1 < len(tokens) else ""
            if token == "<":
                in_choice, taken = in_choice + 1, False
            elif token == ">":
                in_choice -= 1
            elif token in "()?*+" or following in ("(", "<"):
                continue
            elif not in_choice or not taken:
                names.append(token)
                taken = True
        return names if all(name in self.segments for name in names) else None

    def value(self, type_name, depth=0):
        components = self.types.get(type_name)
        if not components:
            return {"NM": "1", "SI": "1", "DT": "20240102", "TM": "1200", "DTM": "20240102",
                    "TS": "20240102"}.get(type_name, "x")
        if depth == 2:
            return "x"
        parts = [self.value(name, depth + 1) if usage == "R" else "" for usage, name in components]
        text = ("^", "&")[depth].join(parts).rstrip("^&")
        return text or self.value(components[0][1], depth + 1)

    def segment(self, name):
        fields = [self.value(kind) if usage == "R" else "" for usage, kind in self.segments[name]]
        if name == "OBX" and len(fields) > 4:
            fields[1], fields[4] = "ST", "x"
        return "|".join([name, *fields]).rstrip("|") or name

    def message(self, structure, version):
        names = self.segment_names(self.structures[structure])
        if not names or names[0] != "MSH":
            return None
        kind = structure.replace("_", "^") if "_" in structure else structure + "^A01"
        if len(self.types.get(self.segments["MSH"][8][1], [])) > 2:
            kind += "^" + structure
        header = f"MSH|^~\\&|A|B|C|D|20240102||{kind}|1|P|{version}"
        return "\r".join([header, *(self.segment(name) for name in names[1:])]) + "\r"


class Case:
    def __init__(self, build, folder):
        self.causeway, self.folder = Path(build) / "causeway", folder

    def hl7(self, *words):
        return subprocess.run([self.causeway, "hl7", *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE_S)

    def lint(self, schema, files):
        return subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, *files],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S,
                              text=True)

    def run(self, version):
        grammar, schemas = Grammar(version), self.folder / version
        self.hl7("schema", "--version", version, schemas)
        named = [(name, grammar.message(name, version)) for name in sorted(grammar.structures)]
        named = [(name, text) for name, text in named if text]
        named = named[::max(1, len(named) // STRUCTURES_PER_VERSION)]
        original = self.folder / f"{version}.hl7"
        original.write_text("".join(text for _, text in named), newline="")
        done = self.hl7("convert", "--xml", original)
        documents = [b"<?xml" + part for part in done.stdout.split(b"<?xml")[1:]]
        problems = [f"{version}: {len(documents)} documents of {len(named)} messages"] \
            if len(documents) != len(named) else []
        files = []
        for number, document in enumerate(documents):
            files.append(self.folder / f"{version}-{number}.xml")
            files[-1].write_bytes(document)
            root = re.search(rb"<(\w+) xmlns", document)[1].decode()
            problems += self.judge(schemas / f"{root}.xsd", files[-1], document)
        back = self.folder / f"{version}-back.hl7"
        back.write_bytes(self.hl7("convert", *files).stdout)
        different = self.hl7("diff", original, back)
        if different.returncode != 0:
            problems.append(f"{version}, there and back: {different.stdout.decode()[:2000]}")
        print(f"{version}: {len(named)} structures, {len(problems)} problems")
        return problems

    def judge(self, schema, file, document):
        """It is accepted; and not any more without its first required field (MSH.9)."""
        problems = []
        accepted = self.lint(schema, [file])
        if accepted.returncode != 0:
            problems.append(accepted.stdout[:800])
        broken = file.with_suffix(".broken.xml")
        broken.write_bytes(re.sub(rb"<MSH\.9>.*?</MSH\.9>", b"", document, flags=re.DOTALL))
        if self.lint(schema, [broken]).returncode == 0:
            problems.append(f"{schema.name} accepts a message without MSH-9")
        return problems


def main(build):
    if shutil.which("xmllint") is None:
        print("skipped: no xmllint")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        case = Case(build, Path(folder))
        problems = [problem for version in VERSIONS for problem in case.run(version)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
