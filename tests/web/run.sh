#!/bin/sh
# The npm package in Node, installed by npm into an empty folder, its sizes, and the page in Chromium.
#
#     sh tests/web/run.sh BUILD
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1/web"
out=$(cd "$1/web" && pwd)
tree=$(pwd)
rm -rf "$out/package" "$out/page" "$out/empty" "$out/shots"
mkdir -p "$out/empty" "$out/shots"
sh packages/web/build.sh "$out/package"
sh packages/web/page.sh "$out/package" "$out/page"

most() { # FILE BYTES: what goes over the network
    size=$(gzip -9c "$out/package/$1" | wc -c)
    [ "$size" -le "$2" ] || { echo "FAIL $1: $size bytes compressed, at most $2"; exit 1; }
}
most fovea-engine.wasm 112640
most fovea-engine-relaxed.wasm 112640
most fovea.wasm 286720
most fovea-relaxed.wasm 286720

[ -d "$out/venv" ] || python3 -m venv "$out/venv"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$out/venv/bin/pip" install -q -r tests/web/requirements.txt
PATH=$out/venv/bin:$PATH
node tests/web/node.test.mjs "$out/package" "$tree"
cd "$out/empty"
npm pack --silent "$out/package" >/dev/null
npm install --silent --offline --no-audit --no-fund ./fovea-*.tgz
echo "npm: $(ls -l fovea-*.tgz | awk '{print $NF ", " $5 " bytes"}')"
cp "$tree/tests/web/node.test.mjs" .
node node.test.mjs fovea "$tree"
python "$tree/tests/web/page.py" "$out/page" "$tree" "$out/shots"
