#!/bin/sh
# A model converted here and one converted on a big-endian machine have the same size, and each machine
# finds the answer that the other has stored.
set -eu
build=$1
case=tests/golden/conformance/a/net_lenet
far="qemu-s390x-static $build/s390x/fovea"
for weights in f32 f16 w8; do
    "$build/fovea" convert $case/model.h5 --weights $weights --golden $case/input.npy -o "$build/near.fovea"
    $far convert $case/model.h5 --weights $weights --golden $case/input.npy -o "$build/far.fovea"
    $far selftest "$build/near.fovea"
    "$build/fovea" selftest "$build/far.fovea"
    # (The answers may differ in their last bits, and so the bytes.)
    [ "$(wc -c <"$build/near.fovea")" = "$(wc -c <"$build/far.fovea")" ]
done
