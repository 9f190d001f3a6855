#!/bin/sh
# Asks Keras itself about random models (its own .keras files): installs a pinned one beside jax into BUILD/keras, and
# compares answers. Not part of the tests that run always: some minutes, and what it needs is large.
# usage: ask_keras.sh [MODELS [SEED]]
set -u
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
random=$build/random/tests/random/random
models=$build/random/models
python=$build/keras/bin/python
[ -x "$python" ] || python3 -m venv "$build/keras" || exit 1
"$python" -c 'import keras, jax' 2>/dev/null ||
    "$python" -m pip install -q keras==3.15.1 jax==0.10.2 scipy h5py numpy || exit 1
make -s BUILD="$build/random" CC="${CLANG:-clang}" CFLAGS='-O1 -g' "$random" \
    EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all' || exit 1
rm -rf "$models"
mkdir -p "$models"
"$random" --models "${1:-448}" --seed "${2:-1}" --save "$models" >"$models/all" || exit 1
grep '\.keras ' "$models/all" >"$models/list"
KERAS_BACKEND=jax "$python" -W ignore tests/random/ask_keras.py "$models/list"
