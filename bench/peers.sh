#!/bin/sh
# The built-in networks on rival engines beside fovea, on this machine; writes bench/PEERS.md:
#
#     bench/peers.sh [build directory [rounds [seconds]]]       (make peers)
#
# Engines and what writes their files come from PyPI, versions pinned in bench/peers/requirements.txt, into
# build/peers/venv (about 3 GB); networks are written once, with the same weights for all, into build/peers/networks (1.5 GB).
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
rounds=${2:-3}
seconds=${3:-1}
out=$build/peers
mkdir -p "$out"
make -s BUILD="$build" "$build/fovea"
[ -x "$out/venv/bin/python" ] || python3 -m venv "$out/venv"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$out/venv/bin/pip" install -q -r bench/peers/requirements.txt
"$out/venv/bin/python" bench/peers/write.py "$build/fovea" "$out/networks" >&2
{
    echo '# fovea beside rival engines'
    echo
    echo "Made by \`make peers\` ($(date -u +%Y-%m-%d)): bench/peers.sh tells how. Least time of a run of many; every engine in its"
    echo 'defaults but for the number of threads, each turn a process of its own, all in turn.'
    echo
    echo '```'
    "$out/venv/bin/python" bench/peers/compare.py "$build/fovea" "$out/networks" "$rounds" "$seconds"
} >"$out/PEERS.md"
mv "$out/PEERS.md" bench/PEERS.md
cat bench/PEERS.md
