"""Models and Keras' answers, in the form that tests/conformance reads.

    python make.py FOLDER [--third NUMBER] [WORD...]     (cases whose names have one of the words in them)
"""
import argparse
import glob
import importlib
import os
import sys

import library

here = os.path.dirname(os.path.abspath(__file__))
for path in sorted(glob.glob(os.path.join(here, "cases_*.py"))):
    importlib.import_module(os.path.basename(path)[:-3])
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--third", type=int)
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    failed = library.make_all(chosen.folder, chosen.words, chosen.third)
    print(f"{len(library.CASES)} cases known, {failed} not made")
    library.tell_covered(os.path.join(here, "..", ".."))
    sys.exit(failed > 0)
