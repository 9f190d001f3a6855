#!/bin/sh
# The Python that recomputes what `fovea evaluate` says: pinned, in a folder of its own. usage: setup.sh BUILD
# Prints the interpreter's path.
set -eu
venv=$1/clinic-venv
if [ ! -x "$venv/bin/python" ]; then python3 -m venv "$venv"; fi
if ! "$venv/bin/python" -c 'import mpmath, scipy, sklearn' 2>/dev/null; then
    "$venv/bin/pip" -q install numpy==2.1.3 scipy==1.14.1 scikit-learn==1.5.2 mpmath==1.3.0 >&2
fi
echo "$venv/bin/python"
