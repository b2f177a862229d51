#!/usr/bin/env python3
"""dicom_dictionary.py FOLDER: writes schemas/dicom/*.tsv, and the table of the de-identification mapping, from the
standard as JSON (innolitics' dicom-standard: attributes.json, sops.json, confidentiality_profile_attributes.json).
"""
import csv
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def write(path, rows):
    with open(os.path.join(ROOT, path), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join("\t".join(row) + "\n" for row in rows))


def hexadecimal(tag):
    return re.sub("[(),]", "", tag).upper()


def attributes(folder):
    """Tag, keyword, VR: the first of several, which is the one that fits most values."""
    rows = []
    for attribute in read(folder, "attributes.json"):
        tag, vr = hexadecimal(attribute["tag"]), attribute["valueRepresentation"].split(" ")[0]
        keyword = attribute["keyword"].replace("\u200b", "")
        if re.fullmatch("[0-9A-FX]{8}", tag) and re.fullmatch("[A-Z]{2}", vr) and keyword.isidentifier():
            rows.append((tag, keyword, vr))
    return sorted(set(rows))


def sop_classes(folder):
    """UID and name, written together: CTImageStorage."""
    rows = [(sop["id"], re.sub("[^A-Za-z0-9]", "", sop["name"].replace("\u2010", "")))
            for sop in read(folder, "sops.json")]
    return sorted(set(rows))


def basic_profile(folder):
    """Tag, action, name; patterns of tags (curves, overlays, private ones) are the mapping's own."""
    rows = [(hexadecimal(each["tag"]), each["basicProfile"], each["name"].replace("\u200b", ""))
            for each in read(folder, "confidentiality_profile_attributes.json")]
    return sorted({row for row in rows if re.fullmatch("[0-9A-F]{8}", row[0])})


def main():
    folder = sys.argv[1]
    write("schemas/dicom/attributes.tsv", attributes(folder))
    write("schemas/dicom/sop_classes.tsv", sop_classes(folder))
    with open(os.path.join(ROOT, "mappings/dicom/basic_profile.csv"), "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerows([("tag", "action", "name"), *basic_profile(folder)])


if __name__ == "__main__":
    main()
