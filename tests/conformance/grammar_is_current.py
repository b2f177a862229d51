#!/usr/bin/env python3
"""Are the committed grammar files what their generator makes of the corpus' dictionaries?

Usage: grammar_is_current.py ROOT     (77: no corpus)"""

import os
import subprocess
import sys

root = sys.argv[1]
corpus = os.environ.get("CORPUS", os.path.join(root, "..", "shared", "corpus"))
dictionaries = os.path.join(corpus, "hl7v2-dict")
if not os.path.isdir(dictionaries):
    print("skipped: no dictionaries at", dictionaries)
    sys.exit(77)
sys.exit(subprocess.call([sys.executable, "-B", os.path.join(root, "tools", "hl7v2_grammar.py"),
                          dictionaries, os.path.join(root, "schemas", "hl7v2"), "--check"]))
