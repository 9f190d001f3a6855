#!/bin/sh
# The Python package: the wheel is built, installed into a new virtual environment, and used.
#
#     sh tests/python/run.sh BUILD           (without numpy, as `make test` does)
#     sh tests/python/run.sh BUILD keras     (with numpy, Pillow and Keras from PyPI; also the wheel's tag, and the
#                                             source distribution)
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1/python"
out=$(cd "$1/python" && pwd)
tree=$(pwd)
rm -rf "$out"/wheel "$out"/venv "$out"/empty
mkdir -p "$out/empty"
python3 -m venv "$out/venv"
CFLAGS=${CFLAGS:--O2} "$out/venv/bin/pip" wheel -q --no-index --no-deps -w "$out/wheel" packages/python
echo "wheel: $(cd "$out/wheel" && ls -l | awk 'NF > 8 {print $NF ", " $5 " bytes"}')"
"$out/venv/bin/pip" install -q --no-index "$out"/wheel/fovea-*.whl
cd "$out/empty"
"$out/venv/bin/python" "$tree/tests/python/test_fovea.py" "$tree"
[ "${2:-}" = keras ] || exit 0

pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 "$out/venv/bin/pip" install -q "$@"; }
pip -r "$tree/tests/python/requirements.txt"
"$out/venv/bin/auditwheel" show "$out"/wheel/*.whl
platform=$(ls "$out/wheel" | sed 's/.*none-\(.*\)\.whl/\1/')
"$out/venv/bin/auditwheel" show "$out"/wheel/*.whl | tr -d '\n' | grep -q "$platform" || { echo "FAIL the tag"; exit 1; }
"$out/venv/bin/python" "$tree/tests/python/test_fovea.py" "$tree"
KERAS_BACKEND=jax "$out/venv/bin/python" "$tree/tests/python/test_compare.py"
# From the source distribution, without the repository.
"$out/venv/bin/python" -c "import sys; sys.path[0] = sys.argv[1]; import build_wheel; build_wheel.build_sdist('.')" \
    "$tree/packages/python"
"$out/venv/bin/pip" wheel -q --no-index --no-deps -w . fovea-*.tar.gz
cmp_lists() { unzip -l "$1" | awk 'NF == 4 {print $4}' | sort; }
[ "$(cmp_lists ./*.whl)" = "$(cmp_lists "$out"/wheel/*.whl)" ] || { echo 'FAIL the source distribution'; exit 1; }
echo '1 passed, 0 failed'
