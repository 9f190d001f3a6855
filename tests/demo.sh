#!/bin/sh
# The built-in model, from the trained Keras file to seven answers.
set -eu
build=$1
model=$build/patterns.fovea
echo "fovea demo: a small CNN that tells seven skin patterns drawn by a program apart."
echo "For demonstration only: no photograph, no patient, no medical meaning."
echo
"$build/fovea" convert weights/demo/patterns.h5 -o "$model" --labels weights/demo/labels.txt \
    --preprocess keras-01 --resize pil-bicubic | tail -n 3
echo
printf '%-22s %-16s %-12s %s\n' photo answer probability time
right=0
count=0
for photo in weights/demo/*.jpg; do
    line=$("$build/fovea" run "$model" --top 1 --json "$photo")
    label=$(printf '%s' "$line" | sed 's/.*"label":"\([^"]*\)".*/\1/')
    probability=$(printf '%s' "$line" | sed 's/.*"probability":\([0-9.e+-]*\).*/\1/')
    ms=$(printf '%s' "$line" | sed 's/.*"network":\([0-9.]*\).*/\1/')
    printf '%-22s %-16s %-12.4f %s ms\n' "$(basename "$photo")" "$label" "$probability" "$ms"
    count=$((count + 1))
    if [ -z "$ms" ]; then exit 1; fi
    if [ "$label" = "$(basename "$photo" .jpg)" ]; then right=$((right + 1)); fi
done
echo
echo "$right of $count samples got their own pattern."
[ "$right" -eq "$count" ]
