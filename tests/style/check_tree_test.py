#!/usr/bin/env python3
"""Each rule of check_tree.py finds what breaks it in a small tree, and nothing in a good one."""

import os
import shutil
import tempfile
import unittest

from check_tree import Tree

HEADER = "// What it is for.\n#pragma once\n\n"
GOOD = {
    "engine/core/ids.h": HEADER + "#include <string>\n",
    "engine/config/value.h": HEADER + '#include "engine/core/ids.h"\n',
    "engine/script/value.h": HEADER + "#include <jsapi.h>\n",
    "engine/script/value.cpp": '#include "engine/script/value.h"\n',
    "engine/main/main.cpp": '#include "connectors/registry.h"\n#include <sys/types.h>\n',
    "connectors/registry.h": HEADER + '#include "connectors/support/kind.h"\n',
    "connectors/support/kind.h": HEADER + '#include "engine/config/value.h"\n',
    "connectors/mllp/source.cpp": '#include "connectors/support/kind.h"\n'
                                  "// A FileManager's work.\n"
                                  'const char* text = "StringHelper";\n'
                                  "int n = object.get_future();\n",
    "tests/fuzz/frame.cpp": '#include "connectors/mllp/source.h"\n',
    "connectors/mllp/source.h": HEADER,
    "tests/fuzz/CMakeLists.txt": "causeway_fuzzer(frame LINKS mllp)\n",
    "tests/fuzz/seeds/frame/one": "x",
    "samples/README.md": "01_first\n",
    "samples/01_first/README.md": "x\n",
}
UNFINISHED = "TO" + "DO"


class CheckTreeTest(unittest.TestCase):
    def findings(self, changes, with_format=False):
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        for path, text in {**GOOD, **changes}.items():
            if text is None:
                continue
            place = os.path.join(root, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)
        return Tree(root).check(with_format)

    def require(self, changes, expected):
        found = self.findings(changes)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_good(self):
        self.assertEqual(self.findings({}), [])

    def test_includes(self):
        upward = '#include "engine/config/value.h"\n'
        sideways = '#include "connectors/mllp/source.h"\n'
        self.require({"engine/core/x.cpp": upward}, "engine/core may not include engine/config")
        self.require({"engine/formats/x.cpp": upward}, "engine/formats may not include")
        self.require({"connectors/http/x.cpp": sideways}, "connectors/http may not include")
        self.require({"connectors/support/x.cpp": sideways}, "connectors/support may not include")
        self.require({"engine/channel/x.cpp": sideways}, "engine/channel may not include")
        self.require({"engine/store/x.cpp": '#include "engine/script/value.h"\n',
                      "engine/script/value.h": HEADER}, "engine/store may not include")
        self.require({"tools/load/x.cpp": upward}, "tools may not include engine/config")
        self.require({"engine/core/x.cpp": '\n#include "ids.h"\n'}, "engine/core/x.cpp:2: \"ids.h\"")

    def test_third_party_headers(self):
        self.require({"engine/pipeline/x.cpp": '#include "engine/script/value.h"\n'},
                     "<jsapi.h> is seen by engine/pipeline")

    def test_headers(self):
        self.require({"engine/core/x.h": "#pragma once\n\n#pragma once\n"}, "opens with")
        self.require({"engine/core/x.h": "// x\n"}, "no #pragma once")

    def test_names(self):
        self.require({"engine/core/x.cpp": "\nclass LaneManager;\n"}, "x.cpp:2: LaneManager")
        self.require({"engine/core/x.cpp": "struct StringUtils {};\n"}, "StringUtils")
        self.require({"engine/core/x.cpp": "int get_port();\n"}, "get_port")
        self.require({"engine/core/string_util.cpp": "int x;\n"}, "says nothing")
        self.require({"engine/common/x.cpp": "int x;\n"}, "says nothing")

    def test_size(self):
        self.require({"engine/core/x.cpp": "int x;\n" * 501}, "longer than 500")
        self.require({"tests/faults/kills_test.py": "\n"}, "an empty file")

    def test_unfinished(self):
        self.require({"mappings/x.js": f"// {UNFINISHED}: more\n"}, UNFINISHED)

    def test_samples(self):
        self.require({"samples/02_second/README.md": "x"}, "does not mention 02_second")
        self.require({"samples/01_first/README.md": None, "samples/01_first/x.js": "x"},
                     "has no README.md")

    def test_fuzzers(self):
        self.require({"tests/fuzz/seeds/frame/one": None}, "no seeds")
        self.require({"tests/fuzz/CMakeLists.txt": "x"}, "not in tests/fuzz/CMakeLists.txt")

    @unittest.skipUnless(shutil.which("clang-format-14"), "there is no clang-format-14")
    def test_format(self):
        found = self.findings({"engine/core/x.cpp": "int   x  ;\n"}, with_format=True)
        self.assertTrue(any("x.cpp:1: not as clang-format-14" in line for line in found), found)


if __name__ == "__main__":
    unittest.main()
