"""Models and Keras' answers, in the form that tests/conformance reads.

    python make.py FOLDER [WORD...]     (cases whose names have one of the words in them)
"""
import glob
import importlib
import os
import sys

import library

here = os.path.dirname(os.path.abspath(__file__))
for path in sorted(glob.glob(os.path.join(here, "cases_*.py"))):
    importlib.import_module(os.path.basename(path)[:-3])
if __name__ == "__main__":
    failed = library.make_all(sys.argv[1], sys.argv[2:])
    print(f"{len(library.CASES)} cases known, {failed} not made")
    sys.exit(failed > 0)
