#!/bin/sh
# Models of every kind written by Keras 3, tf.keras 2 and TensorFlow, with their answers, against fovea.
#
#     sh tests/keras/run.sh BUILD [--third NUMBER] [WORD...]     (cases whose names have one of the words in them)
#
# All of them take half an hour; a third, which the number chooses (the day of the year does), some minutes.
set -u
build=$1
shift
here=$(dirname "$0")
sh "$here/setup.sh" "$build/keras-venv" || exit 1
cases=$build/keras-cases
rm -rf "$cases"
"$build/keras-venv/bin/python" "$here/make.py" "$cases" "$@" 2>"$build/keras-cases.log" || {
    echo "conformance: not every case could be made (log: $build/keras-cases.log)"
    made=1
}
"$build/tests/conformance" "$cases" tests/refusals.txt && [ -z "${made:-}" ] || failed=1
# Resizes beside tf.image and keras.ops.image.
[ $# -gt 0 ] || TF_CPP_MIN_LOG_LEVEL=3 "$build/keras-venv/bin/python" tests/photos/oracle.py "$build" tensorflow \
    2>>"$build/keras-cases.log" || failed=1
[ -z "${failed:-}" ]
