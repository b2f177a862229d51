"""The corpus' HL7 v2 messages, one by one. CORPUS names its folder; else it lies beside the tree."""
import os
import re
from pathlib import Path

from mllp_peers import END

TREE = Path(__file__).resolve().parents[2]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MESSAGE_START = re.compile(rb"(?:^|(?<=[\r\n\x0b]))(?=(?:\xef\xbb\xbf)?MSH[^\r\nA-Za-z0-9 ])")
BATCH_SEGMENT = re.compile(rb"(?:^|(?<=[\r\n]))(?:FHS|BHS|BTS|FTS)[^\r\n]*[\r\n]*")
SUFFIXES_LEFT_OUT = {".tsv", ".xml", ".md"}


def folder():
    return Path(os.environ.get("CORPUS") or TREE.parent / "shared" / "corpus") / "hl7v2"


def files(root):
    """Inputs alone: not what other programs made of them, nor licences and lists."""
    for path in sorted(root.glob("*/*/**/*")):
        kind = path.relative_to(root).parts[1]
        if kind in ("files", "literals") and path.is_file() \
                and path.suffix not in SUFFIXES_LEFT_OUT:
            yield path


def parts_of(content):
    """Each message from its MSH on; what comes before the first is a part of its own."""
    content = BATCH_SEGMENT.sub(b"", content)
    starts = [match.start() for match in MESSAGE_START.finditer(content)]
    bounds = [0, *starts, len(content)]
    return [content[start:end] for start, end in zip(bounds, bounds[1:]) if start != end]


def messages(root):
    """Distinct ones, as they are in their files; FS CR can't be inside a frame."""
    found = {}
    for path in files(root):
        for part in parts_of(path.read_bytes()):
            part = part.strip(b"\x0b\x1c")
            if part.strip() and END not in part:
                found.setdefault(part, path)
    return list(found)


class Header:
    """MSH by splitting alone. `readable`: it says which characters separate."""

    def __init__(self, message):
        message = message.removeprefix(BYTE_ORDER_MARK)
        self.line = re.split(rb"[\r\n]", message, maxsplit=1)[0]
        self.separator = self.line[3:4]
        self.fields = self.line.split(self.separator) if self.separator else [self.line]
        characters = self.separator + (self.fields + [b""])[1][:4]
        self.readable = (self.line.startswith(b"MSH") and len(characters) > 1
                         and len(set(characters)) == len(characters)
                         and all(33 <= each < 127 and not chr(each).isalnum()
                                 for each in characters))

    def field(self, number):
        """MSH-number."""
        return self.fields[number - 1] if number <= len(self.fields) else b""

    def with_field(self, number, value):
        fields = self.fields + [b""] * (number - len(self.fields))
        fields[number - 1] = value
        return self.separator.join(fields)

    def wants_answer(self):
        """On arrival. HL7 v2 chapter 2.9.3: MSH-15, if either of MSH-15 and MSH-16 is there; or else
        an application's answer, if MSH-16 asks for one."""
        return self.field(15) not in (b"NE", b"ER") or self.field(16) in (b"AL", b"SU")
