"""Copies cases that make.py wrote into tests/golden, in the place of those of the same name.

    python keep.py FOLDER CASE...     (cases by their whole names, "_k2" included)
"""
import json
import os
import shutil
import sys

made = os.path.join(sys.argv[1], "conformance")
golden = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "conformance")
with open(os.path.join(made, "manifest.json")) as f:
    have = json.load(f)
with open(os.path.join(golden, "manifest.json")) as f:
    kept = json.load(f)
for name in sys.argv[2:]:
    case = "g/" + name
    shutil.rmtree(os.path.join(golden, case), ignore_errors=True)
    shutil.copytree(os.path.join(made, case), os.path.join(golden, case))
    kept[case] = have[case]
with open(os.path.join(golden, "manifest.json"), "w") as f:
    json.dump(kept, f, indent=1)
