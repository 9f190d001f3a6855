#!/bin/sh
# The command as a user meets it: what it prints, its exit codes, and that bad input leaves nothing
# behind. usage: cli.sh BUILD
set -u
fovea=$1/fovea
. tests/expect.sh

# expect CODE 'PATTERN' NAME COMMAND...: exit code, and a pattern in what it printed; one line on stderr
# for failures
expect() {
    answered "$@"
    if [ "$want" -ne 0 ]; then
        [ "$(wc -l <"$work/err")" -eq 1 ] || right=1
        grep -q '^fovea: ' "$work/err" || right=1
    fi
    verdict $right "$name (exit $code)"
}
gone() { # name: no file of that name, and no temporary one, is left
    right=0
    [ ! -e "$work/$1" ] || right=1
    for left in "$work/$1".part*; do [ ! -e "$left" ] || right=1; done
    verdict $right "nothing left of $1"
}

model=$work/patterns.fovea
h5=weights/demo/patterns.h5
expect 0 'fovea convert' 'help' "$fovea" --help
expect 0 '^fovea [0-9]' 'version' "$fovea" --version
for command in convert run inspect bench selftest evaluate calibrate explain stress drift key sign verify; do
    expect 0 '--|-o' "help of $command" "$fovea" $command --help
    ! grep -q '\\x' "$work/out"
    verdict $? "help of $command, as people read it"
done
expect 0 'instruction sets of this machine: ref' 'what a report needs' "$fovea" --version
expect 0 '^fovea run MODEL' 'help of a command by its name' "$fovea" help run
for kind in tflite:TensorFlow onnx:ONNX PT:PyTorch json:--config; do
    echo nothing >"$work/net.${kind%:*}"
    expect 1 "convert reads Keras files.*${kind#*:}" "a model of another program: ${kind%:*}" "$fovea" convert "$work/net.${kind%:*}" -o "$work/x"
done
expect 2 "did you mean 'inspect'" 'a command misspelt' "$fovea" inspct m
expect 2 "did you mean '--threads'" 'an option misspelt' "$fovea" run --thread 2 m p
expect 2 "not 'pil-bicubik'; did you mean 'pil-bicubic'" 'a word misspelt' "$fovea" convert $h5 -o "$model" --resize pil-bicubik
expect 2 'lists them$' 'no guess at all' "$fovea" frobnicate
expect 0 'tf-nearest' 'every filter in the help' "$fovea" convert --help
expect 2 "no command 'nothing'" 'unknown command' "$fovea" nothing
expect 2 'no option' 'unknown option' "$fovea" run --frobnicate
expect 2 'takes a value' 'option without value' "$fovea" convert $h5 -o
expect 2 'whole number' 'not a number' "$fovea" run --top many m p
expect 2 'needs -o' 'no output named' "$fovea" convert $h5
expect 2 "takes none, pil-nearest, .* not 'sharp'" 'unknown resize' "$fovea" convert $h5 -o "$model" --resize sharp
expect 2 'three numbers' 'bad mean' "$fovea" convert $h5 -o "$model" --mean 1,2

expect 0 '89039 parameters' 'convert' "$fovea" convert $h5 -o "$model" --labels weights/demo/labels.txt \
    --preprocess keras-01 --resize pil-bicubic
expect 0 'is folded into' 'convert --explain' "$fovea" convert $h5 -o "$work/b.fovea" --explain
expect 0 'assumed: .*nearest' 'says what it assumed' "$fovea" convert $h5 -o "$work/b.fovea"
expect 0 'starburst +1\.0000' 'run a photo' "$fovea" run "$model" weights/demo/starburst.jpg
expect 0 '"label":"globular","index":1,"probability":0.99' 'run --json' "$fovea" run "$model" --json \
    weights/demo/globular.jpg
expect 0 'starburst +1\.0000' 'run with threads' "$fovea" run "$model" --threads 3 weights/demo/starburst.jpg
expect 0 'starburst +1\.0000' 'run on the reference' "$fovea" run "$model" --isa ref weights/demo/starburst.jpg
expect 0 'parallel' 'run - (standard input)' sh -c "ls weights/demo/*.jpg | '$fovea' run '$model' -"
expect 0 'conv2d_1' 'inspect' "$fovea" inspect "$model"
expect 0 'memory small: [0-9]+ bytes, [0-9]+ \([0-9]+ %\) less than fast' 'inspect tells what small memory saves' \
    "$fovea" inspect "$model" --memory small
expect 0 'by rows .*_f32' 'and which tensors never exist' "$fovea" inspect "$model" --memory small
expect 0 '[0-9]+ bytes of it for scratch' 'and apart, what is scratch' "$fovea" inspect "$model"
expect 0 'memory small: .* less than fast' 'bench tells it' "$fovea" bench "$model" --runs 2 --memory small
expect 0 'memory small: .* less than fast' 'run tells it' "$fovea" run "$model" weights/demo/starburst.jpg --memory small
expect 0 'starburst +1\.0000' 'and answers the same' "$fovea" run "$model" weights/demo/starburst.jpg --memory small
expect 0 '"inputs":\[\{"name":.*"outputs":\[\{"name":' 'inspect --json, inputs and outputs' "$fovea" inspect "$model" --json
expect 0 '"arena_bytes":[0-9]+.*"steps":\[' 'inspect --json' "$fovea" inspect "$model" --json
expect 0 '"of_peak":[0-9.]+,"arena_bytes":[0-9]+,"load_ms"' 'bench --json' "$fovea" bench "$model" --runs 2 --json
expect 0 'of peak' 'bench --profile' "$fovea" bench "$model" --runs 2 --profile

# what outputs mean: one sigmoid with two names, several outputs, plain values
heads=tests/golden/heads
printf 'cat\ndog\n' >"$work/pets.txt"
cp $heads/dense.npy "$work/four.npy"
expect 0 'parameters' 'two names for one sigmoid' "$fovea" convert $heads/sigmoid.h5 -o "$work/s.fovea" --labels "$work/pets.txt" \
    --threshold 0.125
expect 0 'threshold +0.125' 'its threshold' "$fovea" inspect "$work/s.fovea"
"$fovea" run "$work/s.fovea" "$work/four.npy" --json >"$work/out" 2>"$work/err"
tr '{}' '\n\n' <"$work/out" | awk -F: '/"label"/ { split($4, p, ","); sum += p[1]; seen = seen $2 }
    END { exit !(sum > 0.999999 && sum < 1.000001 && seen ~ /cat/ && seen ~ /dog/) }'
verdict $? 'both names, whose probabilities are 1'
for threshold in 0:dog 1:cat; do
    expect 0 "\"kind\":\"sigmoid\".*\"decision\":\"${threshold#*:}\"" "decided at ${threshold%:*}" "$fovea" run "$work/s.fovea" \
        "$work/four.npy" --json --threshold ${threshold%:*}
    expect 0 "decision: ${threshold#*:} \(threshold ${threshold%:*}\)" 'for people' "$fovea" run "$work/s.fovea" "$work/four.npy" \
        --threshold ${threshold%:*}
done
expect 0 '"decision":"(cat|dog)","threshold":0.125|"threshold":0.125,"decision"' "the model's threshold" "$fovea" run "$work/s.fovea" "$work/four.npy" --json
expect 2 'a number from 0 to 1' 'a threshold beyond' "$fovea" run "$work/s.fovea" "$work/four.npy" --threshold 2
expect 2 'a number from 0 to 1' 'a threshold stored beyond' "$fovea" convert $heads/sigmoid.h5 -o "$work/x.fovea" --threshold nan
printf 'a\nb\nc\n' >"$work/three.txt"
expect 1 '3 labels for an output of 1 value, which takes one or two' 'three names' "$fovea" convert $heads/sigmoid.h5 -o "$work/x.fovea" \
    --labels "$work/three.txt"
gone x.fovea
expect 0 'memory to run' 'a model of two outputs' "$fovea" convert $heads/two_outputs.h5 -o "$work/o.fovea"
expect 0 '"name":"age","shape":\[1\],"kind":"values","values":\[-1.4525[0-9]*\]\},\{"name":"gender","shape":\[2\],"kind":"softmax","top":\[\{"label":null,"index":0,"probability":0.505' \
    'all outputs in JSON' "$fovea" run "$work/o.fovea" $heads/two_outputs.npy --json
expect 0 '^input,batch,"age\[0\]","gender\[0\]","gender\[1\]",error' 'their columns' "$fovea" run "$work/o.fovea" $heads/two_outputs.npy --csv
expect 0 '^"tests/golden/heads/two_outputs.npy",,-1.4525[0-9]*,0.5053[0-9]*,0.4946[0-9]*,' 'their values' "$fovea" run "$work/o.fovea" \
    $heads/two_outputs.npy --csv
expect 0 '"file":"[^"]*many.0.npy","row":0' 'and where they are saved' "$fovea" run "$work/o.fovea" $heads/two_outputs.npy --json -o "$work/many"
"$fovea" convert $heads/dense.h5 -o "$work/d.fovea" >/dev/null
cp $heads/dense.npy "$work/UPPER.NPY"
expect 0 'largest difference ([0-9.]+e-0[789]|0) ' 'which is right' "$fovea" convert $heads/dense.h5 -o "$work/d.fovea" \
    --check $heads/dense.f16.npy $heads/dense.expected.npy
for array in $heads/dense.npy $heads/dense.f16.npy $heads/dense.npz "$work/UPPER.NPY"; do
    "$fovea" run "$work/d.fovea" "$array" -o "$work/dense" >"$work/out" 2>"$work/err"
    [ -e "$work/dense.first.npy" ] || cp "$work/dense.npy" "$work/dense.first.npy"
    cmp -s "$work/dense.npy" "$work/dense.first.npy"
    verdict $? "the answer to $array"
done
expect 1 "neither '.*' nor 'arr_1.npy'|does not fit" 'an archive of too few arrays' sh -c "'$fovea' convert \
    tests/golden/conformance/a/dict_inputs/model.h5 -o '$work/two.fovea' >/dev/null && '$fovea' run '$work/two.fovea' $heads/dense.npz"
{ head -c 128 $heads/dense.npy; printf '\000\000\300\177'; tail -c 12 $heads/dense.npy; } >"$work/nan.npy"
expect 0 '"values":\[null,null\]' 'NaN is null in JSON' "$fovea" run "$work/d.fovea" "$work/nan.npy" --json
expect 0 ',nan,nan,' 'and nan in CSV' "$fovea" run "$work/d.fovea" "$work/nan.npy" --csv

# how photos become numbers: said, told by the model, or open
for file in tests/golden/recipes/*; do
    base=$(basename "$file")
    case $base in
    bytes_*) want='"scale":1,"mean":\[0,0,0\],"std":\[1,1,1\],"assumed":true,"open":false' ;;
    unit_*) want='"scale":0.00392156[0-9]*,"mean":\[0,0,0\],"std":\[1,1,1\],"assumed":true,"open":false' ;;
    signed_*) want='"scale":0.00784313[0-9]*,"mean":\[1,1,1\],"std":\[1,1,1\],"assumed":true,"open":false' ;;
    *) want='"open":true' ;;
    esac
    expect 0 "$want" "the recipe of $base" sh -c "'$fovea' convert '$file' -o '$work/r.fovea' >/dev/null &&
        '$fovea' inspect '$work/r.fovea' --json"
    expect 0 '"scale":2,' "said of $base" sh -c "'$fovea' convert '$file' -o '$work/r.fovea' --scale 2 >/dev/null &&
        '$fovea' inspect '$work/r.fovea' --json"
done
# The demo model behind what people put before a network (tests/keras/demo_variants.py): each photo is still its own
# pattern. Its file of weights is the model's own, whose description nobody finds.
LC_ALL=C sed 's/model_config/model_nobody/' weights/demo/patterns.h5 >"$work/weights.h5"
for file in tests/golden/variants/*.json; do
    expect 0 '^7 of 7$' "photos of $(basename "$file")" sh -c "'$fovea' convert '$work/weights.h5' --config '$file' -o \
        '$work/v.fovea' --labels weights/demo/labels.txt >/dev/null && '$fovea' run '$work/v.fovea' \
        --top 1 weights/demo/*.jpg | awk '/jpg/ {name = \$1; sub(/.*\//, \"\", name); sub(/\.jpg.*/, \"\", name); asked++}
        \$1 == name && \$2 > 0.9 {right++} END {print right \" of \" asked}'"
done
recipes=tests/golden/recipes
expect 0 "note: 'rescaling' shows .* 0 to 255; --preprocess keras-01" 'what contradicts the model' "$fovea" convert \
    $recipes/bytes_rescaling.keras -o "$work/r.fovea" --preprocess keras-01
expect 0 '^open: .*keras-01|^open:' 'convert says what is open' "$fovea" convert $h5 -o "$work/r.fovea" --labels weights/demo/labels.txt
expect 0 'is open: photos are refused' 'inspect, too' "$fovea" inspect "$work/r.fovea"
expect 1 'does not say how photos.*--preprocess NAME .*keras-torch.*--resize NAME' 'a photo where the recipe is open' \
    "$fovea" run "$work/r.fovea" weights/demo/starburst.jpg
expect 1 'does not say how photos' 'a golden photo, too' "$fovea" convert $h5 -o "$work/x.fovea" --golden weights/demo/starburst.jpg
gone x.fovea
expect 0 'starburst +1\.0000' 'a recipe for one run' "$fovea" run "$work/r.fovea" weights/demo/starburst.jpg \
    --preprocess keras-01 --resize pil-bicubic
expect 0 'parameters' 'how photo files are read' "$fovea" convert $h5 -o "$work/shrunk.fovea" --preprocess keras-01 \
    --resize pil-bicubic --shrink 2 --transform fast --orientation ignore
expect 0 'shrink 2' 'which inspect tells' "$fovea" inspect "$work/shrunk.fovea"
expect 0 '"transform": ?"fast", ?"shrink": ?"2", ?"orientation": ?"ignore"' 'in JSON too' "$fovea" inspect --json "$work/shrunk.fovea"
"$fovea" convert $h5 -o "$work/full.fovea" --preprocess keras-01 --resize pil-bicubic >"$work/log" 2>&1
for way in '--shrink none --transform accurate' '--shrink 4'; do
    "$fovea" run "$work/full.fovea" $way weights/demo/starburst.jpg -o "$work/a" >"$work/log" 2>&1
    "$fovea" run "$work/shrunk.fovea" weights/demo/starburst.jpg -o "$work/b" >"$work/log" 2>&1
    ! cmp -s "$work"/a*.npy "$work"/b*.npy
    verdict $? "a shrunk photo has other pixels than one of $way"
done
"$fovea" run "$work/full.fovea" --shrink 2 --transform fast weights/demo/starburst.jpg -o "$work/a" >"$work/log" 2>&1
cmp -s "$work"/a*.npy "$work"/b*.npy
verdict $? 'a recipe said for a run is the same as one in the model'
expect 1 'with draft, an .npy' 'a golden photo of no size' "$fovea" convert $h5 -o "$work/x.fovea" --shrink draft --golden weights/demo/starburst.jpg
expect 0 'for this run: --preprocess keras-01; to keep it' 'which is said' "$fovea" run "$work/r.fovea" \
    weights/demo/starburst.jpg --preprocess keras-01
expect 0 'instead of the recipe in the model' 'over one that is stated' "$fovea" run "$model" \
    weights/demo/starburst.jpg --preprocess raw
expect 2 "--preprocess takes raw, .* not 'half'" 'an unknown preprocessing' "$fovea" run "$model" weights/demo/starburst.jpg --preprocess half
for file in bytes_channels_first.keras bytes_grey_rows.keras; do
    expect 0 "^  output '.*': -?[0-9]" "a photo for $file" sh -c "'$fovea' convert $recipes/$file -o '$work/r.fovea' >/dev/null &&
        '$fovea' run '$work/r.fovea' weights/demo/starburst.jpg --top 2"
done

# the same pixels give the same answers, batched, saved, by any instruction set and number of threads
golden=tests/golden/conformance/a/net_mini_seed
expect 0 'memory to run' 'convert a golden model' "$fovea" convert $golden/model.h5 -o "$work/g.fovea"
expect 0 'one.npy: 2 x ' 'run -o' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/one"
expect 0 'two.npy: 2 x ' 'run -o with the suffix' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/two.npy"
[ -e "$work/two.npy" ] && [ ! -e "$work/two.npy.npy" ]
verdict $? 'which is not doubled'
expect 2 'names no file' 'run -o to a folder' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/"
expect 2 'names no file' 'run -o to a suffix' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/.npy"
expect 0 'starburst +1\.0000' 'run - is a photo, too' sh -c "cat weights/demo/starburst.jpg | '$fovea' run '$model' -"
expect 0 '"input":"-"' 'and JSON says so' sh -c "'$fovea' run '$model' --json - <weights/demo/starburst.jpg"
expect 1 'is not a list of files' 'run - of neither' sh -c "'$fovea' run '$model' - <'$model'"

# many inputs: none stops the others
mkdir -p "$work/many/deep/.hidden"
cp weights/demo/starburst.jpg "$work/many/a.jpg"
head -c 4000 weights/demo/starburst.jpg >"$work/many/b.jpg"
cp weights/demo/parallel.jpg "$work/many/deep/C.JPG"
cp weights/demo/parallel.jpg "$work/many/deep/.hidden/d.jpg"
echo nothing >"$work/many/notes.txt"
many() { # NAME PATTERN COMMAND...: exit 1 with two answers, one error record, in order
    name=$1
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null
    right=$?
    [ $right -eq 1 ] && right=0
    [ "$(sed 's/.*many.\([^"]*\)".*\(error\|starburst\|parallel\).*/\1 \2/; s/"index":0.*//' "$work/out" | tr '\n\\' ' /' | tr -d '\r')" = \
        'a.jpg starburst b.jpg error deep/C.JPG parallel ' ] || right=1
    grep -q '^fovea: 1 of 3 inputs could not be read' "$work/err" || right=1
    verdict $right "$name"
}
many 'one bad photo' "$fovea" run "$model" --json --top 1 "$work/many/a.jpg" "$work/many/b.jpg" "$work/many/deep/C.JPG"
many 'in a folder' "$fovea" run "$model" --json --top 1 -r "$work/many"
find "$work/many" -name '*.[jJ]*' ! -path '*hidden*' | sort | sed 's/$/\r/' >"$work/list"
many 'in a list' "$fovea" run "$model" --json --top 1 --files-from "$work/list"
many 'in an @list' "$fovea" run "$model" --json --top 1 "@$work/list"
tr '\n' '\0' <"$work/list" | tr -d '\r' >"$work/list0"
many 'in a list with NULs' "$fovea" run "$model" --json --top 1 -0 --files-from "$work/list0"
many 'in standard input' sh -c "cat '$work/list0' | '$fovea' run '$model' --json --top 1 -0 -"
for jobs in 2 5; do
    many "$jobs jobs" "$fovea" run "$model" --json --top 1 -r "$work/many" --jobs $jobs
done
"$fovea" run "$model" -r "$work/many" -o "$work/alone" >/dev/null 2>&1
"$fovea" run "$model" -r "$work/many" -o "$work/jobs" --jobs 3 >/dev/null 2>&1
cmp -s "$work/alone.npy" "$work/jobs.npy"
verdict $? 'jobs save the same bytes'
expect 2 'or --threads, not both' 'jobs and threads' "$fovea" run "$model" x --jobs 2 --threads 2
for shard in 1 2; do "$fovea" run "$model" --json --top 1 -r "$work/many" --shard $shard/2 2>/dev/null; done >"$work/shards"
[ "$(grep -o '[abC]\.[jJ][pP][gG]","[oe]' "$work/shards" | tr -d '\n')" = 'a.jpg","oC.JPG","ob.jpg","e' ]
verdict $? 'shards have every input once'
expect 2 'takes I/N' 'a shard beyond' "$fovea" run "$model" x --shard 3/2
expect 2 'takes I/N' 'a shard of nothing' "$fovea" run "$model" x --shard 1
# gone on with after a kill: a whole record, and one that was cut
"$fovea" run "$model" --json --top 1 "$work/many/a.jpg" >"$work/resume.jsonl"
printf '{"schema":1,"input":"cu' >>"$work/resume.jsonl"
"$fovea" run "$model" --top 1 -r "$work/many" --resume "$work/resume.jsonl" >"$work/out" 2>"$work/err"
code=$?
tr -d '\r' <"$work/resume.jsonl" >"$work/resumed"
[ $code -eq 1 ] && [ "$(grep -c '^{"schema":1,"input":.*}$' "$work/resumed")" -eq 3 ] && [ "$(wc -l <"$work/resume.jsonl")" -eq 3 ] &&
    [ "$(grep -c 'a.jpg' "$work/resume.jsonl")" -eq 1 ]
verdict $? "resumed (exit $code)"
expect 0 '3 had a record' 'nothing is left to do' "$fovea" run "$model" --top 1 -r "$work/many" --resume "$work/resume.jsonl"
[ "$(wc -l <"$work/resume.jsonl")" -eq 3 ]
verdict $? 'and nothing is done'
echo 'no record' >"$work/other.jsonl"
expect 1 'not a record of fovea run' 'a file of something else' "$fovea" run "$model" -r "$work/many" --resume "$work/other.jsonl"
[ "$(cat "$work/other.jsonl")" = 'no record' ]
verdict $? 'which is as it was'
expect 2 'as .npy, one file for each' '-o of an archive' "$fovea" run "$model" weights/demo/parallel.jpg -o "$work/o.npz"
expect 2 'as .npy, one file for each' '-o of an archive, in capitals' "$fovea" run "$model" weights/demo/parallel.jpg -o "$work/o.NPZ"
expect 2 'to files only' '-o to standard output' "$fovea" run "$model" weights/demo/parallel.jpg -o -
expect 2 '--csv writes' '-o of a table' "$fovea" run "$model" weights/demo/parallel.jpg -o "$work/o.csv"
[ ! -e "$work/o.npz.npy" ] && [ ! -e "$work/o.NPZ.npy" ] && [ ! -e ./-.npy ]
verdict $? 'none of which writes a file'
expect 1 'is a folder; -r' 'a folder without -r' "$fovea" run "$model" "$work/many"
ln -s .. "$work/many/deep/up" 2>/dev/null
expect 1 'leads back to' 'a folder that leads back' sh -c "'$fovea' run '$model' -r '$work/many/deep' 2>&1 >/dev/null | grep leads >&2; exit 1"
expect 1 'cannot open' 'a list that does not exist' "$fovea" run "$model" --files-from "$work/nolist"
expect 0 'three.npy' 'run -o, three threads' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/three" --threads 3
cmp -s "$work/one.npy" "$work/three.npy"
verdict $? 'threads do not change a bit'
expect 0 'batch_norm|conv' 'no folding' "$fovea" convert $golden/model.h5 -o "$work/n.fovea" --no-fold --layers

expect 0 'check: largest difference [0-9.e-]+ of 2 answers' 'convert --check' "$fovea" convert \
    $golden/model.h5 -o "$work/g.fovea" --check $golden/input.npy $golden/output64.npy --golden $golden/input.npy
expect 0 'pass, largest difference' 'selftest' "$fovea" selftest "$work/g.fovea"
expect 0 'pass, largest difference' 'selftest on the reference' "$fovea" selftest "$work/g.fovea" --isa ref
expect 0 'float16: 6 kernels, 0 stay float32; .* golden answer by [0-9.e-]+' 'convert --weights f16' "$fovea" convert \
    $golden/model.h5 -o "$work/h.fovea" --weights f16 --golden $golden/input.npy
[ $(($(wc -c <"$work/h.fovea") * 10)) -lt $(($(wc -c <"$work/g.fovea") * 7)) ]
verdict $? 'half the weights, less of a file'
expect 0 'pass, largest difference' 'selftest of halves' "$fovea" selftest "$work/h.fovea"
expect 0 'pass, largest difference' 'selftest of halves on the reference' "$fovea" selftest "$work/h.fovea" --isa ref
expect 0 ', f16$' 'inspect names them' "$fovea" inspect "$work/h.fovea"
expect 0 '"f16_layers":6.*"weights_as":"f16"' 'inspect --json, too' "$fovea" inspect "$work/h.fovea" --json
expect 0 'GFLOP' 'bench in half precision' "$fovea" bench --arch seed --weights f16 --runs 1
expect 0 '8 bits: 6 kernels, 0 stay float32; .* golden answer by [0-9.e-]+' 'convert --weights w8' "$fovea" convert \
    $golden/model.h5 -o "$work/b.fovea" --weights w8 --golden $golden/input.npy
[ $(($(wc -c <"$work/b.fovea") * 10)) -lt $(($(wc -c <"$work/g.fovea") * 5)) ]
verdict $? 'a quarter of the weights, less of a file'
expect 0 'pass, largest difference' 'selftest of bytes' "$fovea" selftest "$work/b.fovea"
expect 0 'pass, largest difference' 'selftest of bytes on the reference' "$fovea" selftest "$work/b.fovea" --isa ref
expect 0 ', i8$' 'inspect names them' "$fovea" inspect "$work/b.fovea"
expect 0 '"i8_layers":6.*"weights_as":"i8"' 'inspect --json, too' "$fovea" inspect "$work/b.fovea" --json
expect 0 'GFLOP' 'bench in 8 bits' "$fovea" bench --arch seed --weights w8 --runs 1
expect 0 '-> ' 'operators for bytes' "$fovea" convert "$work/b.fovea" --emit ops -o "$work/bytes.def"
grep -q '^KERNEL(widen_i8,' "$work/bytes.def" && ! grep -q 'f16' "$work/bytes.def"
verdict $? 'their kernels'
expect 0 '8 bits: 6 layers compute with bytes, 0 stay float; on 2 inputs 1.0000' 'convert --weights i8' "$fovea" convert \
    $golden/model.h5 -o "$work/q.fovea" --weights i8 --calibrate $golden/input.npy --golden $golden/input.npy
expect 0 'pass, largest difference 0 ' 'selftest of a model that computes with bytes' "$fovea" selftest "$work/q.fovea"
expect 0 'qconv .*conv_q8' 'inspect shows its layers' "$fovea" inspect "$work/q.fovea"
expect 0 '-> ' 'operators of bytes' "$fovea" convert "$work/q.fovea" --emit ops -o "$work/q8.def"
grep -q '^KERNEL(conv_q8,' "$work/q8.def" && grep -q '^OP(98, QCONV' "$work/q8.def"
verdict $? 'their kernels'
expect 0 '2 stay float' 'layers named by --float' "$fovea" convert $golden/model.h5 -o "$work/q.fovea" --weights i8 \
    --calibrate $golden/input.npy --float conv2d_1,dense
rm -f "$work/none.fovea"
expect 1 'needs --calibrate' 'bytes without calibration' "$fovea" convert $golden/model.h5 -o "$work/none.fovea" --weights i8
expect 1 'keep-agreement takes a number' 'agreement of no number' "$fovea" convert $golden/model.h5 -o "$work/none.fovea" \
    --weights i8 --calibrate $golden/input.npy --keep-agreement most
expect 1 'photos are refused|how photos were prepared' 'calibration by photos whose scaling is open' "$fovea" convert $golden/model.h5 \
    -o "$work/none.fovea" --weights i8 --calibrate weights/demo
expect 1 'no such|cannot' 'calibration by nothing' "$fovea" convert $golden/model.h5 -o "$work/none.fovea" --weights i8 \
    --calibrate "$work/nowhere"
[ ! -e "$work/none.fovea" ]
verdict $? 'and nothing is written'
expect 0 'GFLOP' 'bench with bytes' "$fovea" bench --arch seed --weights i8 --runs 1
expect 2 'f32\|f16' 'weights of no such kind' "$fovea" convert $h5 -o "$work/x.fovea" --weights f8
expect 0 '-> ' 'operators for halves' "$fovea" convert "$work/h.fovea" --emit ops -o "$work/halves.def"
grep -q '^KERNEL(widen_f16,' "$work/halves.def" && grep -q '^KERNEL(dense_f16,' "$work/halves.def"
verdict $? 'their kernels'
expect 1 'has no self-test' 'selftest of a model without' "$fovea" selftest "$model"
expect 0 'memory to run' 'a golden photo' "$fovea" convert $h5 -o "$work/p.fovea" --preprocess keras-01 --golden weights/demo/parallel.jpg
expect 0 ': pass' 'its self-test' "$fovea" selftest "$work/p.fovea"
expect 1 'limit photo-area' 'a golden photo beyond a limit' "$fovea" convert $h5 -o "$work/x.fovea" --preprocess keras-01 \
    --golden weights/demo/parallel.jpg --limit photo-area=9
gone x.fovea
expect 1 'not a photo' 'not a photo as the golden input' "$fovea" convert $h5 -o "$work/x.fovea" --golden weights/demo/labels.txt
expect 1 '1 golden inputs' 'a golden photo for two inputs' "$fovea" convert tests/golden/conformance/a/dict_inputs/model.h5 \
    -o "$work/x.fovea" --golden weights/demo/parallel.jpg
gone x.fovea
expect 1 'golden input for' 'a golden input that does not fit' "$fovea" convert $h5 -o "$work/x.fovea" \
    --golden $golden/input.npy
gone x.fovea
expect 1 'does not fit' 'a check that does not fit' "$fovea" convert $h5 -o "$work/x.fovea" \
    --check $golden/input.npy $golden/output64.npy
gone x.fovea

# bad input
open=tests/golden/conformance/a/variable_size_input_fcn/model.h5
expect 0 'open +\?x\?x3: another size' 'a model with open sizes' "$fovea" convert $open -o "$work/x.fovea"
expect 0 'open-sizes +\?x\?x3' 'open sizes are kept' "$fovea" inspect "$work/x.fovea"
expect 0 '"open-sizes":"\?x\?x3"' 'open sizes are kept, in JSON' "$fovea" inspect --json "$work/x.fovea"
expect 1 'open: --input-shape H,W' 'an array of another size' "$fovea" run "$work/x.fovea" ${open%/*}/input.npy
expect 1 'leaves the size of photos open \(\?x\?x3\)' 'a photo of open size' "$fovea" run "$work/x.fovea" \
    weights/demo/parallel.jpg --preprocess raw
expect 0 '' 'a photo of a stated size' "$fovea" run "$work/x.fovea" weights/demo/parallel.jpg --preprocess raw \
    --input-shape 40,30
expect 0 '' 'an array of a stated size' "$fovea" run "$work/x.fovea" ${open%/*}/input.npy --input-shape 13,18
expect 1 'give them with --input-shape' 'a golden input for open sizes' "$fovea" convert $open -o "$work/y.fovea" \
    --golden ${open%/*}/input.npy
expect 0 'input +20x16x3' 'open sizes given' "$fovea" convert $open -o "$work/x.fovea" --input-shape 20,16
expect 0 'input +20x16x3' 'all sizes given' "$fovea" convert $open -o "$work/x.fovea" --input-shape 20,16,3
rm -f "$work/x.fovea"
expect 1 'is 3 in the file; given: 4' 'a size that is fixed' "$fovea" convert $open -o "$work/x.fovea" \
    --input-shape 20,16,4
expect 1 'of them 2 open; given: 1' 'too few sizes' "$fovea" convert $open -o "$work/x.fovea" --input-shape 20
expect 1 'the model has 1 inputs' 'too many shapes' "$fovea" convert $open -o "$work/x.fovea" --input-shape 9,9/9,9
expect 2 'sizes with commas' 'illegal sizes' "$fovea" convert $open -o "$work/x.fovea" --input-shape 20,0
expect 1 'No such file' 'missing file' "$fovea" convert nowhere.h5 -o "$work/x.fovea"
gone x.fovea
head -c 3000 $h5 >"$work/cut.h5"
expect 1 'cut short' 'truncated Keras file' "$fovea" convert "$work/cut.h5" -o "$work/x.fovea"
gone x.fovea
expect 1 'not a Keras file' 'a foreign file' "$fovea" convert README.md -o "$work/x.fovea"
gone x.fovea
printf 'version https://git-lfs.github.com/spec/v1\n' >"$work/pointer.h5"
expect 1 'Git LFS' 'a pointer of Git LFS' "$fovea" convert "$work/pointer.h5" -o "$work/x.fovea"
printf '<!DOCTYPE html>\n' >"$work/page.h5"
expect 1 'a page of HTML' 'a page of HTML' "$fovea" convert "$work/page.h5" -o "$work/x.fovea"
printf '\034\0\0\0TFL3' >"$work/lite.h5"
expect 1 'TensorFlow Lite' 'a model of TensorFlow Lite' "$fovea" convert "$work/lite.h5" -o "$work/x.fovea"
expect 1 'config of its own.*\[K-004\]' 'two configs' "$fovea" convert $h5 -o "$work/x.fovea" --verbose \
    --config tests/hostile/keras/escape-in-a-name.json
expect 1 'labels for an output of 7' 'too few labels' "$fovea" convert $h5 -o "$work/x.fovea" --labels README.md
gone x.fovea
expect 1 'is a folder; in Keras' 'a folder, as TensorFlow saves models' "$fovea" convert weights -o "$work/x.fovea"
expect 1 'the config given: JSON' 'not a config' "$fovea" convert tests/golden/conformance/a/functional_in_seq/model.weights.h5 \
    --config README.md -o "$work/x.fovea"
gone x.fovea
expect 2 'needs -o OUT.fovea, a file' 'a model to -' "$fovea" convert $h5 -o -
expect 2 "'-o' takes a value" 'an empty value' "$fovea" convert $h5 -o ''
if [ -c /dev/full ] && [ "$(head -c 2 "$fovea")" != '#!' ]; then # a script runs it on another system
    for word in --help --limits "inspect $model" 'run --help'; do
        expect 1 'cannot write to standard output' "$word to a full disk" sh -c "'$fovea' $word >/dev/full"
    done
    for emit in '' '--emit=c'; do
        expect 1 'is not a file; a model needs one' "a model to a device $emit" "$fovea" convert $h5 \
            -o /dev/null $emit
        "$fovea" convert $h5 -o /dev/stdout $emit 2>"$work/err" | cat >"$work/out"
        [ ! -s "$work/out" ]
        verdict $? 'which gets nothing of it'
    done
    expect 0 'starburst' 'a photo from a pipe' sh -c "cat weights/demo/starburst.jpg | '$fovea' run '$model' /dev/stdin"
fi
printf '\357\273\277a\r\nb\r\nc\r\nstar \303\251\r\ne\r\nf\r\ng\r\n\r\n' >"$work/labels.txt"
expect 0 'parameters' 'labels of a Windows editor' "$fovea" convert $h5 -o "$work/x.fovea" --preprocess keras-01 --labels "$work/labels.txt"
expect 0 '^  star é +1\.0000' 'as they are meant' "$fovea" run "$work/x.fovea" weights/demo/starburst.jpg
expect 0 '"a"' 'from the first on' "$fovea" run "$work/x.fovea" weights/demo/starburst.jpg --json --top 7
rm -f "$work/x.fovea"
printf 'a\0\nb\nc\nd\ne\nf\ng\n' >"$work/labels.txt"
expect 1 'labels.txt is not a text in UTF-8' 'labels of wide characters' "$fovea" convert $h5 -o "$work/x.fovea" \
    --labels "$work/labels.txt"
gone x.fovea
expect 2 'not both' 'two kinds of inspection' "$fovea" inspect "$model" --json --board
expect 1 'cannot write' 'unwritable output' "$fovea" convert $h5 -o "$work/no/such/x.fovea"
expect 1 'not a fovea blob' 'no model' "$fovea" run README.md weights/demo/starburst.jpg
for file in $h5 tests/hostile/convert/numbered.keras; do
    for command in run inspect bench selftest; do
        expect 1 'fovea convert makes a model' "a Keras file for a model: $command" "$fovea" $command $file $(
            [ $command != run ] || echo weights/demo/starburst.jpg)
    done
done
head -c 5000 "$model" >"$work/cut.fovea"
expect 1 'length' 'truncated model' "$fovea" inspect "$work/cut.fovea"
{ head -c 6000 "$model"; printf X; tail -c +6002 "$model"; } >"$work/bent.fovea"
expect 1 'changed' 'bent model' "$fovea" inspect "$work/bent.fovea"
expect 1 'changed.*\[B-[0-9]{3}\]$' 'the id of a check' "$fovea" inspect --verbose "$work/bent.fovea"
expect 1 'cut short.*\[H-[0-9]{3}\]$' 'the id of a check of the converter' "$fovea" convert "$work/cut.h5" \
    -o "$work/x.fovea" --verbose
expect 1 'README.md' 'not a picture' "$fovea" run "$model" README.md
head -c 4000 weights/demo/starburst.jpg >"$work/cut.jpg"
expect 1 'cut.jpg' 'truncated picture' "$fovea" run "$model" "$work/cut.jpg"
expect 1 '2x30x40x3 does not fit .* takes Nx90x120x3' 'array of the wrong shape' "$fovea" run "$model" $golden/input.npy
expect 1 'does not fit' 'array of the wrong size' "$fovea" run "$work/g.fovea" $golden/output64.npy
expect 1 '2 per run' 'wrong number of inputs' sh -c "'$fovea' convert tests/golden/conformance/a/dict_inputs/model.h5 \
    -o '$work/two.fovea' >/dev/null && '$fovea' run '$work/two.fovea' $golden/input.npy"
expect 1 'cannot write' 'unwritable arrays' "$fovea" run "$work/g.fovea" nowhere.npy -o "$work/no/such/x"
"$fovea" run "$work/g.fovea" $golden/input.npy nowhere.npy -o "$work/x" >"$work/out" 2>"$work/err"
[ $? -eq 1 ] && grep -q 'x.npy: 3 x 7' "$work/out" && grep -q 'nowhere.npy' "$work/err" &&
    [ "$(tail -c 28 "$work/x.npy" | od -An -tx1 | tr -d ' \n')" = "$(printf '0000c07f%.0s' 1 2 3 4 5 6 7)" ]
verdict $? 'a row of NaN where an input could not be read'
for command in run inspect bench selftest; do
    expect 2 'takes auto, ref, sse2, avx2, .*neon' "unknown instruction set: $command" "$fovea" $command "$model" --isa mmx
    expect 2 'takes fast\|small' "memory of no such kind: $command" "$fovea" $command "$model" --memory large
    expect 2 'sizes with commas' "a shape of one size: $command" "$fovea" $command "$model" --input-shape 64
    expect 2 'sizes with commas' "a shape of three: $command" "$fovea" $command "$model" --input-shape 64,64,3
    expect 2 'sizes with commas' "several shapes: $command" "$fovea" $command "$model" --input-shape 64,64/9,9
    expect 2 'a whole number' "no threads: $command" "$fovea" $command "$model" --threads 0
done
other=neon
[ "$(uname -m)" = x86_64 ] || other=avx2
expect 1 "this machine has no $other" 'an instruction set of other machines' "$fovea" inspect "$model" --isa $other
expect 2 'takes seed\|' 'an unknown network' "$fovea" bench --arch alexnet
expect 2 'takes c\|asm\|ops' 'part of a word' "$fovea" convert $h5 --emit as -o "$work/x.S"

# what a result would replace is not what it is made from
cp "$h5" "$work/only.h5"
ln -s only.h5 "$work/link.h5"
for same in "$work/only.h5" "$work/./only.h5" "$work/link.h5"; do
    expect 2 'would replace an input' "convert onto $same" "$fovea" convert "$work/only.h5" -o "$same"
done
cp weights/demo/labels.txt "$work/only.txt"
expect 2 'would replace an input' 'convert onto the labels' "$fovea" convert $h5 --labels "$work/only.txt" -o "$work/only.txt"
cp $golden/input.npy "$work/only.npy"
expect 2 'would replace .*only.npy' 'run onto its input' "$fovea" run "$work/g.fovea" "$work/only.npy" -o "$work/only"
[ ! -s "$work/out" ]
verdict $? 'before it runs'
cp "$work/g.fovea" "$work/model.npy"
expect 2 'would replace .*model.npy' 'run onto its model' "$fovea" run "$work/model.npy" $golden/input.npy -o "$work/model"
expect 1 'would replace the input' 'run onto an input of standard input' sh -c \
    "echo '$work/only.npy' | '$fovea' run '$work/g.fovea' - -o '$work/only'"
cmp -s "$h5" "$work/only.h5" && cmp -s $golden/input.npy "$work/only.npy" && cmp -s weights/demo/labels.txt "$work/only.txt"
verdict $? 'inputs are as they were'

# limits: told, raised, lowered, and refused where they make no sense
expect 0 '^json-depth +128 +fixed' 'the table of limits' "$fovea" --limits
expect 2 "no limit 'sugar'" 'an unknown limit' "$fovea" convert $h5 -o "$work/x.fovea" --limit sugar=1
expect 2 "is fixed at 65536" 'a limit of the format' "$fovea" convert $h5 -o "$work/x.fovea" --limit nodes=70000
for value in json-size json-size= json-size=0 json-size=2048 json-size=1000000000000000000001 json-size=-1 json-size=1k; do
    expect 2 'whole number from 1 to 2047' "--limit $value" "$fovea" convert $h5 -o "$work/x.fovea" --limit $value
done
expect 1 'limit hdf5-nesting' 'paths too long' "$fovea" convert $h5 -o "$work/x.fovea" --limit hdf5-nesting=1
expect 1 'limit hdf5-messages' 'headers too long' "$fovea" convert $h5 -o "$work/x.fovea" --limit hdf5-messages=1
expect 1 'limit json-values' 'too many values' "$fovea" convert $h5 -o "$work/x.fovea" --limit json-values=9
expect 1 'limit json-key' 'keys too long' "$fovea" convert $h5 -o "$work/x.fovea" --limit json-key=3
gone x.fovea
expect 0 'memory to run' 'limits raised' "$fovea" convert $h5 -o "$work/x.fovea" --limit json-size=2047 --limit fuel=128
expect 1 'limit photo-side' 'a photo too wide' "$fovea" run "$model" --limit photo-side=9 weights/demo/starburst.jpg
expect 1 'limit photo-area' 'a photo too large' "$fovea" run "$model" --limit photo-area=9 weights/demo/starburst.jpg
expect 0 'starburst' 'a photo within raised limits' "$fovea" run "$model" --limit photo-area=250000000 \
    weights/demo/starburst.jpg

# Models of formats before: the same answers as of the same model converted now, to the last bit.
older=tests/golden/formats
for pair in 1_net_mini_seed: '2_block_se:--weights f16'; do
    old=${pair%%:*}
    case=tests/golden/conformance/a/${old#*_}
    expect 0 'memory to run' "$old, converted now" "$fovea" convert $case/model.h5 -o "$work/now.fovea" ${pair#*:}
    for how in '--isa ref' '--isa auto' '--memory small' '--exact --threads 3'; do
        "$fovea" run "$older/$old.fovea" $case/input.npy -o "$work/old" $how >"$work/out" 2>&1 &&
            "$fovea" run "$work/now.fovea" $case/input.npy -o "$work/now" $how >>"$work/out" 2>&1 &&
            cmp -s "$work/old.npy" "$work/now.npy"
        verdict $? "$old $how: the same bits"
    done
done

# Sources for boards: what they hold is the model, byte for byte, and they compile without more.
expect 2 '--emit takes c\|asm\|ops' 'unknown emit' "$fovea" convert $h5 --emit rust -o "$work/x.rs"
expect 0 'parameters' 'model as C' "$fovea" convert $h5 --emit c -o "$work/a-net.h"
expect 0 '-> ' 'a model as C' "$fovea" convert "$model" --emit c -o "$work/b.h"
expect 0 '-> ' 'a model as assembler' "$fovea" convert "$model" --emit asm -o "$work/c.S"
expect 0 '-> ' 'operators' "$fovea" convert "$model" --emit ops -o "$work/ops.def"
expect 1 'is a fovea model already' 'a model to a model' "$fovea" convert "$model" -o "$work/again.fovea"
expect 1 'call this one' 'assembler over its own model' "$fovea" convert "$model" --emit asm -o "$work/x.h"
expect 0 'RAM .* bytes in one array' 'board' "$fovea" inspect "$model" --board
# What the parts are held against is the sum of what is said above them, and they fit where both sums do.
cat >"$work/board.awk" <<'END'
function kb(n) { return int((n + 1023) / 1024) }
{ gsub(/\r/, "") }
/^  flash / { flash = $2 + $9 }
/^  RAM / { ram = $2 + $13 }
match($0, /[0-9]+ \/ +[0-9]+ +[0-9]+ \/ +[0-9]+  /) {
    split(substr($0, RSTART), part, /[ \/]+/)
    said = substr($0, RSTART + RLENGTH)
    fits = kb(ram) <= part[4]
    want = kb(flash) <= part[2] ? (fits ? "fits" : "too little RAM") : (fits ? "too little flash" : "too small")
    right += part[1] == kb(flash) && part[3] == kb(ram) && said == want
}
END { print "sums", right }
END
expect 0 'sums 16' 'sums of the board' sh -c '"$1" inspect "$2" --board | awk -f "$3"' sh "$fovea" "$model" "$work/board.awk"
cat >"$work/emit.c" <<'END'
#include <stdio.h>
#include "a-net.h"
#include "b.h"
int main(void) {
    if (fwrite(b_blob, 1, B_BYTES, stdout) != B_BYTES || (uintptr_t)b_blob % 64) return 1;
    const char *labels[] = B_OUTPUT_0_LABELS;
    return B_INPUT_0_COUNT < 1 || B_ARENA_BYTES < 64 || !labels[0] || a_net_blob[0] != b_blob[0];
}
END
${CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$work" "$work/emit.c" -o "$work/emit" 2>"$work/err"
verdict $? 'C that compiles'
"$work/emit" >"$work/b.fovea" && cmp -s "$work/b.fovea" "$model"
verdict $? 'the array is the model'
cmp -s "$work/c.fovea" "$model" && grep -q 'incbin "c.fovea"' "$work/c.S" && grep -q 'extern const' "$work/c.h"
verdict $? 'assembler, header and model'
grep -q '^OP(16, CONV,' "$work/ops.def" && ! grep -q DEPTHWISE "$work/ops.def"
verdict $? 'only the operators it needs'

# ---- calibrate, verdicts, explain, stress, drift ----
labelled=$work/labelled
mkdir -p "$labelled"
for photo in weights/demo/*.jpg; do
    mkdir -p "$labelled/$(basename "$photo" .jpg)"
    cp "$photo" "$labelled/$(basename "$photo" .jpg)/"
done
calibrated=$work/calibrated.fovea
star=weights/demo/starburst.jpg
expect 0 'temperature .*no gate: fewer than 50|temperature' 'calibrate' "$fovea" calibrate "$model" "$labelled" --seen -o "$calibrated"
expect 0 'answer: starburst|cannot tell' 'run tells the verdict' "$fovea" run "$calibrated" $star
expect 0 '"verdict":\{"kind":"(answer|retake)"' 'the verdict in JSON' "$fovea" run --json "$calibrated" $star
expect 0 ',verdict,reason,error' 'and in CSV' "$fovea" run --csv "$calibrated" $star
expect 2 'nothing can be promised' 'no promise from seen photos' "$fovea" calibrate "$model" "$labelled" --seen --positive starburst -o "$work/x"
expect 1 'are training pictures' 'photos of training are found' "$fovea" calibrate "$model" "$labelled" --trained-on "$labelled" -o "$work/x"
expect 1 'too few for a promise of 0.95: it takes 19' 'too few for a promise' "$fovea" calibrate "$model" "$labelled" --positive starburst -o "$work/x"
expect 1 "'nonsense' is not a class" 'a group that the model does not know' "$fovea" calibrate "$model" "$labelled" --positive nonsense -o "$work/x"
expect 2 'would replace an input' 'calibrate spares its input' "$fovea" calibrate "$model" "$labelled" -o "$model"
expect 2 'takes none, or light' 'an unknown quality' "$fovea" calibrate "$model" "$labelled" --quality loudness -o "$work/x"
gone x
expect 0 'mean over 8 turns|mean over 4 turns' 'test-time augmentation' "$fovea" run --tta 8 "$model" $star
expect 1 'takes a model that was calibrated' 'drift of what was not calibrated' "$fovea" run "$model" $star --drift "$work/d"
expect 0 starburst 'counts are kept' "$fovea" run "$calibrated" weights/demo/*.jpg --drift "$work/now.drift"
expect 0 'confidence +7 +7 ' 'drift' "$fovea" drift "$calibrated" "$work/now.drift"
expect 0 '"confidence":\{"then":7,"now":7' 'drift in JSON' "$fovea" drift --json "$calibrated" "$work/now.drift"
expect 1 'is not a file that run --drift wrote' 'a file of another kind' "$fovea" drift "$calibrated" $star
expect 0 . 'explain' "$fovea" explain "$model" $star -o "$work/overlay.png" --sheet "$work/sheet.png" --npy "$work/map.npy"
expect 0 . 'the overlay is a photo' "$fovea" run "$model" "$work/overlay.png" "$work/sheet.png"
expect 0 'random .*' 'maps and controls' "$fovea" explain "$model" $star --method all --score
expect 0 '"decides":(true|false)' 'explain in JSON' "$fovea" explain "$model" $star --json
expect 1 'occlusion works for all' 'a head without a map' "$fovea" explain "$model" $star --method cam
expect 1 'is not a class' 'a class that does not exist' "$fovea" explain "$model" $star --class nonsense
expect 2 'one photo and one method' 'one picture of two photos' "$fovea" explain "$model" $star $star -o "$work/x"
expect 0 'noise ' 'stress' "$fovea" stress "$model" "$labelled" --most 1 --csv "$work/stress.csv"
expect 0 '^none,0,7,0,' 'stress as CSV' cat "$work/stress.csv"

counted
