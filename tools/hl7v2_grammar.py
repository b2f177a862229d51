#!/usr/bin/env python3
"""Makes schemas/hl7v2/*.tsv, the HL7 v2 grammar that the engine carries, from three dictionaries.

Usage: hl7v2_grammar.py DICTIONARIES FOLDER [--check]
  DICTIONARIES  folder with hl7apy-json/, hl7-dictionary-json/ and hapi-derived-json/
  FOLDER        where the files are written; with --check they are compared instead

Each fact of a field is put to the vote: type, usage, repetition. Where two voters remain and differ,
hl7apy is right up to 2.6 and the facts read off HAPI from 2.7 (it follows the printed standard in
93 of 103 such fields of 2.8). Lengths and wordings come from hl7-dictionary, then HAPI. A field that
the voters place differently is found by the number in its id, not by its place in the list.

Lines of a grammar file, its columns apart by tabs:
  v VERSION
  t TABLE NAME CODE ...
  d TYPE NAME               a data type; its components follow
  s SEGMENT NAME            a segment; its fields follow
  - USAGE TYPE REPEAT LENGTH TABLE NAME   R O C B W; at most, 0 is no limit; 0 is none; - is none
  m STRUCTURE GRAMMAR       MSH SFT* PATIENT(PID PD1?)+ ANY<OBR RQD>; ? * + as usual, <...> one of
  e TYPE^EVENT STRUCTURE    what a trigger event's message is built like
codes.tsv, for every version: c TABLE CODE MEANING
"""

import json
import os
import re
import sys

VERSIONS = ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8",
            "2.8.1", "2.8.2"]
# What has no data of its own and is built like the version before it.
SAME_AS = {"hl7apy-json": {"2.7.1": "2.7"},
           "hl7-dictionary-json": {"2.8": None, "2.8.1": None, "2.8.2": None},
           "hapi-derived-json": {"2.7.1": "2.7", "2.8.2": "2.8.1"}}
WITHDRAWN_TYPES = {"WD", "NULLDT", "NUL", "-"}
PLAIN_NAME = re.compile(r"[^\x20-\x7e]")


def load(folder, kind, version):
    version = SAME_AS[kind].get(version, version)
    if version is None:
        return {"segments": {}, "fields": {}}
    with open(os.path.join(folder, kind, version + ".json"), encoding="utf-8") as file:
        return json.load(file)


def type_name(name):
    if not name or name in WITHDRAWN_TYPES:
        return ""
    return "varies" if name.lower() in ("varies", "var", "*") else name


def plain(text):
    text = re.sub(r"[\t\r\n ]+", " ", text.replace("\u2018", "'").replace("\u2019", "'")).strip()
    return PLAIN_NAME.sub("-", text)


def words_of(name):
    """SET_ID_PID -> Set id pid, where nobody gives a wording."""
    return name.replace("_", " ").capitalize()


def table_number(table):
    match = re.search(r"(\d{1,4})$", str(table or ""))
    number = f"{int(match.group(1)):04d}" if match else ""
    return "" if number in ("", "0000", "9999") else number


def from_hl7apy(fields):
    """By number: the lists are not always in order."""
    found = {}
    for place, field in enumerate(fields, 1):
        match = re.search(r"_(\d+)$", field["id"])
        found[int(match.group(1)) if match else place] = {
            "type": type_name(field["datatype"]), "required": field["min"] > 0,
            "repeat": field["max"], "withdrawn": field["max"] == 0 or field["datatype"] == "WD",
            "table": table_number(field.get("table")), "name": words_of(field["name"])}
    return found


def from_dictionary(fields):
    usages = {1: "O", 2: "R", 3: "C", 4: "B"}
    return {place: {
        "type": type_name(field["datatype"]), "required": field["opt"] == 2,
        "repeat": field["rep"], "usage": usages.get(field["opt"], "O"),
        "table": table_number(field.get("table")), "length": field.get("len", 0),
        "name": field["desc"]} for place, field in enumerate(fields, 1)}


def from_hapi(fields):
    return {place: {
        "type": type_name(field["datatype"]), "required": field.get("required", False),
        "repeat": field.get("maxReps", 1), "table": table_number(field.get("table")),
        "withdrawn": field["datatype"] in WITHDRAWN_TYPES,
        "length": field.get("length", 0), "name": field.get("name", "")}
        for place, field in enumerate(fields, 1)}


def elect(votes, preferred):
    """What most say; else what the preferred voter says."""
    for vote in votes:
        if votes.count(vote) * 2 > len(votes):
            return vote
    return votes[preferred]


def element(voters, modern, gap):
    """One line of a field or component; voters: hl7apy, hl7-dictionary, HAPI, each or None."""
    present = [voter for voter in voters if voter]
    preferred = len(present) - 1 if modern and voters[2] else 0
    if present[preferred].get("withdrawn") or gap:
        usage, kind = "W", ""
    else:
        required = elect([voter["required"] for voter in present], preferred)
        shade = voters[1]["usage"] if voters[1] else "O"
        usage = "R" if required else shade if shade in "CB" else "O"
        kind = elect([voter["type"] for voter in present if voter["type"]] or [""],
                     min(preferred, len([voter for voter in present if voter["type"]] or [1]) - 1))
    repeats = elect([voter["repeat"] != 1 for voter in present], preferred)
    limits = [voter["repeat"] for voter in present if voter["repeat"] > 1]
    repeat = 1 if usage == "W" or not repeats else limits[0] if limits else 0
    length = next((voter["length"] for voter in voters[1:] if voter and voter.get("length")), 0)
    table = next((voter["table"] for voter in present if voter["table"]), "")
    names = [voters[i]["name"] for i in (1, 2, 0) if voters[i] and voters[i]["name"]]
    name = plain(names[0]) if names else ""
    return f"-\t{usage}\t{kind or '-'}\t{repeat}\t{length}\t{table or '-'}\t{name}"


def elements(lists, modern):
    last = max((max(fields) for fields in lists if fields), default=0)
    lines = []
    for place in range(1, last + 1):
        voters = [fields.get(place) if fields else None for fields in lists]
        # Where hl7apy counts on past a number, the field has been withdrawn.
        gap = place not in lists[0] and place < max(lists[0], default=0)
        lines.append(element(voters, modern, gap) if any(voters) else "-\tW\t-\t1\t0\t-\t")
    return lines


class Structures:
    """Messages with their groups, in one line each."""

    def __init__(self, dictionary):
        self.groups = {**dictionary["groups"], **dictionary["messages"]}

    def child(self, child, message):
        low, high = child["min"], child["max"]
        suffix = {(1, 1): "", (0, 1): "?", (0, -1): "*", (1, -1): "+"}[
            (min(low, 1), 1 if high == 1 else -1)]
        name = child["ref"]
        if child["kind"] == "SEG":
            return name + suffix
        group = self.groups[name]
        own = re.sub(r"^[A-Z]{3}_[A-Z0-9]{3}_", "", name.removeprefix(message + "_"))
        # hl7apy takes the bracketed sequences of these messages for choices.
        choice = group["kind"] == "choice" and message[:3] not in ("EHC", "QBP", "RSP")
        own = "CHOICE" if choice else own  # it has no name in the standard
        opening, closing = "<>" if choice else "()"
        inside = self.children(group, message)
        if not inside:
            return ""  # 2.4 has a group of which nobody knows what is in it
        return f"{own}{opening}{inside}{closing}{suffix}"

    def children(self, group, message):
        parts = [self.child(part, message) for part in group["children"]]
        return " ".join(part for part in parts if part)

    def line(self, message):
        return "m\t" + message + "\t" + self.children(self.groups[message], message)


def dictionary_structure(name, message):
    """A message that only hl7-dictionary has, as Structures.line would have it."""
    def child(part):
        suffix = {(1, 1): "", (0, 1): "?", (0, 0): "*", (1, 0): "+"}[
            (min(part["min"], 1), 1 if part["max"] == 1 else 0)]
        if part.get("compounds"):
            return f"CHOICE<{children(part['compounds'])}>" + suffix
        inside = f"({children(part['children'])})" if part.get("children") else ""
        return re.sub(r"[^A-Z0-9_]", "_", part["name"].upper()) + inside + suffix

    def children(parts):
        return " ".join(child(part) for part in parts if part["name"])

    return f"m\t{name}\t{children(message['segments']['segments'])}"


def event_lines(known, structures):
    """Table 0354 says which structure an event's message has: "A01, A04, A08" or "P05-P08"."""
    lines = []
    for structure, text in sorted(structures.items()):
        if structure not in known or "_" not in structure:
            continue
        for event in re.findall(r"\b[A-Z][A-Z0-9]{2}\b", text):
            message = f"{structure[:3]}_{event}"
            if message != structure:
                lines.append(f"e\t{structure[:3]}^{event}\t{structure}")
    return sorted(set(lines))


def titles(words, newest, name, kind):
    """The wording of a segment or data type; versions without one have the newest that there is."""
    return plain((words[kind].get(name) or newest[kind].get(name) or {}).get("desc", ""))


def grammar(folder, version, meanings):
    apy, words, hapi = (load(folder, kind, version) for kind in SAME_AS)
    newest = load(folder, "hl7-dictionary-json", "2.7.1")
    modern = [int(part) for part in version.split(".")] >= [2, 7]
    lines = ["v\t" + version]
    for name, table in sorted(apy["tables"].items()):
        number = table_number(name)
        codes = [plain(code) for code in table["codes"]]
        codes = [code for code in codes if code and not re.match(r"^(\.\.\.|No suggested)", code)]
        if number:
            lines.append("\t".join(["t", number, plain(table["name"] or "")] + codes))
    for name in sorted(set(apy["datatypes"])):
        described = words["fields"].get(name, {})
        components = from_hl7apy(apy["datatypes"][name])
        if name == "TS":
            components[1]["type"] = "DTM"  # up to 2.4 a string, of just that format
            components[2]["required"] = False  # 2.1 and 2.2 have no such component
            described = {"subfields": [{**described["subfields"][0], "datatype": "DTM"}]
                         + described["subfields"][1:]} if described.get("subfields") else {}
        lists = [components,
                 from_dictionary(described.get("subfields", [])),
                 from_hapi(hapi["datatypes"].get(name, []))]
        lines.append(f"d\t{name}\t{titles(words, newest, name, 'fields')}")
        lines += elements(lists, modern)
    for name in sorted(set(apy["segments"])):
        if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
            continue
        described = words["segments"].get(name, {})
        lists = [from_hl7apy(apy["segments"][name]), from_dictionary(described.get("fields", [])),
                 from_hapi(hapi["segments"].get(name, []))]
        lines.append(f"s\t{name}\t{titles(words, newest, name, 'segments')}")
        lines += elements(lists, modern)
    structures = Structures(apy)
    messages = [name for name in sorted(apy["messages"]) if re.fullmatch(r"[A-Z0-9_]+", name)]
    lines += [structures.line(name) for name in messages]
    events = [line for line in event_lines(set(messages), meanings)
              if line.split("\t")[1].replace("^", "_") not in messages]
    known = set(messages) | {line.split("\t")[1].replace("^", "_") for line in events}
    lines += [dictionary_structure(name, message)
              for name, message in sorted(words.get("messages", {}).items())
              if re.fullmatch(r"[A-Z]{3}_[A-Z0-9]{3}", name) and name not in known
              and message["segments"]["segments"][0]["name"] == "MSH"]
    lines += events
    return "\n".join(lines) + "\n"


def code_meanings(tables):
    lines = []
    for number, table in sorted(tables.items(), key=lambda item: int(item[0])):
        for code, meaning in table["values"].items():
            if code and meaning and table_number(number):
                lines.append(f"c\t{table_number(number)}\t{plain(code)}\t{plain(meaning)}")
    return "\n".join(lines) + "\n"


def all_files(folder):
    with open(os.path.join(folder, "hl7-dictionary-json", "tables.json"), encoding="utf-8") as file:
        tables = json.load(file)
    files = {"codes.tsv": code_meanings(tables)}
    for version in VERSIONS:
        files[version + ".tsv"] = grammar(folder, version, tables["354"]["values"])
    return files


def main():
    source, target = sys.argv[1:3]
    stale = []
    for name, text in all_files(source).items():
        path = os.path.join(target, name)
        if "--check" not in sys.argv:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        elif not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
            stale.append(name)
    if stale:
        print("not what the dictionaries give:", ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
