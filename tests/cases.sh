#!/bin/sh
# A table of the reported cases in FOVEA_SHARED/cases (default ../shared): each model, whether it converts, and its
# answer against the right one. Models of folder attack are to be refused, or to convert without a word.
#
#     sh tests/cases.sh BUILD
set -u
fovea=${1:-build}/fovea
cases=${FOVEA_SHARED:-../shared}/cases
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
right=0 wrong=0
[ -d "$cases" ] || { echo "cases: $cases is not here; nothing was compared"; echo "0 passed, 0 failed"; exit 0; }
first() { for file; do [ -f "$file" ] && { echo "$file"; return; }; done; }
row() {
    printf '%-32s %-26s %s\n' "$1" "$2" "$3"
    case $3 in right* | converts* | refused,*) right=$((right + 1)) ;; *) wrong=$((wrong + 1)) ;; esac
}
for model in "$cases"/*/*.keras "$cases"/*/*.h5; do
    folder=$(dirname "$model") kind=$(basename "$(dirname "$model")") name=$(basename "$model")
    input=$(first "$folder/input.npy" "$folder/in.npy")
    output=$(first "$folder/output64.npy" "$folder/expected.npy" "$folder/expected_by_order.npy" \
        "$folder/expected_as_trained.npy")
    config=
    [ -f "$folder/model.json" ] && config="--config $folder/model.json"
    case $kind/$name in
    attack/* | bias_add_caffe/control_add.h5) input= ;; # the latter's answer is not beside it
    json_outputs/* | npy_types/*) output= ;;
    esac
    check=
    [ -n "$input" ] && [ -n "$output" ] && check="--check $input $output"
    # shellcheck disable=SC2086
    if said=$("$fovea" convert "$model" -o "$work/m.fovea" $config $check 2>&1); then
        row "$kind" "$name" "$([ -n "$check" ] && echo right || echo 'converts, no answer beside it')"
    elif [ "$kind" = attack ] && [ "$(printf '%s\n' "$said" | wc -l)" = 1 ]; then
        row "$kind" "$name" "refused, ${said##*/}"
    else
        row "$kind" "$name" "WRONG: $(printf '%s' "$said" | tail -1)"
    fi
done
echo "$right passed, $wrong failed"
[ $wrong = 0 ]
