#!/usr/bin/env python3
"""Does another parser, Debian's python3-hl7, read the same values at the same places of real messages?

Usage: second_parser_test.py BUILD     (77: no corpus, or no such parser)
Every difference must be explained by one of the rules below; each says which of the two does what, by
which clause of the standard (HL7 v2.x chapter 2), and must explain something."""
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.append("/usr/lib/python3/dist-packages")

import corpus_messages  # noqa: E402

SKIPPED = 77


def lines_of(text):
    """As python3-hl7 divides: it strips the whole, and knows CR alone; blank lines are no segments."""
    return [line for line in text.strip().split("\r") if line]


class Rules:
    """What explains a difference. Each takes the message as text, a character for each byte."""

    def __init__(self):
        self.used = Counter()

    def explains(self, name, condition):
        if condition:
            self.used[name] += 1
        return condition

    def refused_by_the_other(self, text):
        header = text.lstrip("\x0b\x00\xef\xbb\xbf \t\r\n")
        return (
            # It takes the four encoding characters for given, whatever follows MSH.
            self.explains("fewer than four encoding characters",
                          len(re.split("[\r\n]|" + re.escape(header[3:4]), header[4:12])[0]) < 4)
            # Blank lines and marks before MSH: passed over here (what framing and editors leave).
            or self.explains("something stands before MSH", not text.startswith("MSH")))

    def refused_here(self, text):
        header = text.lstrip()
        characters = header[3:8].split(header[3:4])
        return (
            # 2.5.4: a letter or digit can't be told from data.
            self.explains("no usable delimiters",
                          len(set(header[3:8])) < 5 or re.search(r"[^!-~]|[A-Za-z0-9]", header[3:8])
                          or characters[-1] == ""))

    def whole_message(self, text):
        return (
            # 2.14.9.18: bytes of longer characters that look like delimiters are none.
            self.explains("a set whose bytes look like delimiters", self.is_guarded(text))
            # It looks for the separator after MSH-2, and finds that of the next segment.
            or self.explains("nothing after MSH-2", text[3:4] not in text[4:].split("\r")[0])
            or self.explains("fewer than four encoding characters",
                             len(text.split(text[3:4])[1]) < 4 if len(text) > 3 else False))

    @staticmethod
    def is_guarded(text):
        msh = text.split("\r")[0].split(text[3:4])
        declared = msh[17] if len(msh) > 17 else ""
        return re.search(r"BIG|GB 18030|2022|SHIFT|JIS|KS|CNS", declared.upper()) is not None

    def as_the_other_needs_it(self, text):
        """Segments end with CR by 2.5.2; LF and CRLF, which are sent all the same, are read here alone."""
        if self.explains("LF ends segments", "\n" in text.strip("\r\n ")):
            return re.sub("[\r\n]+", "\r", text)
        return text

    def segment(self, line, separator):
        # What has no field separator has no fields: the other makes a field of the whole line.
        return self.explains("a line without a field", separator not in line)

    def value(self, ours, theirs):
        return (
            # It strips the message as a whole, and so blanks of the last value.
            self.explains("blanks at the end", (ours or "").rstrip() == (theirs or "").rstrip()))


def leaves_of_other(hl7, text):
    """{(segment, field, repetition, component, subcomponent): raw}"""
    found = {}
    for number, segment in enumerate(each for each in hl7.parse(text) if str(each)):
        header = str(segment[0][0]) in ("MSH", "FHS", "BHS")
        for field_number, field in enumerate(segment):
            if field_number == 0:
                continue
            if header and field_number <= 2:
                found[(number, field_number, 1, 1, 1)] = str(field)
                continue
            add_field(hl7, found, (number, field_number), field)
    return {place: value for place, value in found.items() if value != ""}


def add_field(hl7, found, place, field):
    for r, repetition in enumerate(field, 1):
        if not isinstance(repetition, hl7.Repetition):
            found[(*place, r, 1, 1)] = str(repetition)
            continue
        for c, component in enumerate(repetition, 1):
            if not isinstance(component, hl7.Component):
                found[(*place, r, c, 1)] = str(component)
                continue
            for s, subcomponent in enumerate(component, 1):
                found[(*place, r, c, s)] = str(subcomponent)


def leaves_here(build, messages):
    with tempfile.NamedTemporaryFile() as file:
        for message in messages:
            file.write(b"\x0b" + message + b"\x1c\r")
        file.flush()
        done = subprocess.run([build / "tests" / "hl7v2_leaves", file.name], check=True,
                              stdout=subprocess.PIPE)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(hl7, rules, text, ours):
    """The differences that no rule explains."""
    text = rules.as_the_other_needs_it(text)
    try:
        theirs = leaves_of_other(hl7, text)
    except Exception as error:  # of any kind: it is not made for hostile input
        if "error" in ours or rules.refused_by_the_other(text):
            return []
        return [f"the other refuses it: {type(error).__name__}"]
    if "error" in ours:
        return [] if rules.refused_here(text) else [f"refused here: {ours['error']}"]
    here = {(number, *leaf[:4]): leaf[4]
            for number, (_, leaves) in enumerate(ours["segments"]) for leaf in leaves}
    if here == theirs or rules.whole_message(text):
        return []
    lines = lines_of(text)
    left = []
    for place in sorted(here.keys() | theirs.keys()):
        mine, other = here.get(place), theirs.get(place)
        line = lines[place[0]] if place[0] < len(lines) else ""
        if mine != other and not rules.segment(line, text[3:4]) and not rules.value(mine, other):
            left.append(f"{line[:3]} {place}: {mine!r} here, {other!r} there")
    return left


def main(build):
    if importlib.util.find_spec("hl7") is None:
        print("skipped: no python3-hl7")
        return SKIPPED
    import hl7
    folder = corpus_messages.folder()
    if not folder.is_dir():
        print("skipped: no corpus at", folder)
        return SKIPPED
    messages = corpus_messages.messages(folder)
    rules, failed, equal = Rules(), 0, 0
    for message, ours in zip(messages, leaves_here(Path(build), messages), strict=True):
        before = sum(rules.used.values())
        left = compare(hl7, rules, message.decode("latin-1"), ours)
        equal += not left and before == sum(rules.used.values())
        failed += bool(left)
        for line in left[:5]:
            print(message[:60], line)
    print(f"{len(messages)} messages, {equal} read alike, {failed} with differences unexplained")
    for name, count in rules.used.most_common():
        print(f"  {count:6} {name}")
    return 1 if failed or equal < len(messages) / 2 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
