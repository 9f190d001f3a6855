#!/bin/sh
# Photos and arrays through the command: recipes with steps, masks, layers written and compared, and the cases that
# public reports broke (FOVEA_SHARED/cases, where they are). usage: photo_command.sh BUILD
set -u
fovea=$1/fovea
shared=${FOVEA_SHARED:-../shared}
. tests/expect.sh
golden=tests/golden/conformance/a/net_mini_seed

# expect CODE 'PATTERN' NAME COMMAND...
expect() {
    answered "$@"
    verdict $right "$name (exit $code)"
}
# The largest difference between two arrays of numpy's, all numbers in their order.
cat >"$work/apart.py" <<'END'
import ast, re, struct, sys
def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10:10 + size].decode())
    kind = {"<f4": "f", "<f8": "d", "|u1": "B"}[head["descr"]]
    body = data[10 + size:]
    return struct.unpack("<%d%s" % (len(body) // struct.calcsize(kind), kind), body)
a, b = read(sys.argv[1]), read(sys.argv[2])
print("apart", max(abs(x - y) for x, y in zip(a, b)) if len(a) == len(b) else "in size")
END
apart() { python3 "$work/apart.py" "$@"; } # file, file

# ---- recipes ----
h5=weights/demo/patterns.h5
photo=weights/demo/starburst.jpg
expect 0 'output 7|output' 'a recipe of steps' "$fovea" convert $h5 -o "$work/s.fovea" --preprocess keras-01 --resize cv-area \
    --fit letterbox --step fill=114 --step clahe=2,8 --step resize --step median=3
expect 0 'photo: step fill=114' 'inspect states them' "$fovea" inspect "$work/s.fovea"
expect 0 '"steps":\["fill=114","clahe=2,8","resize","median=3"\]' 'and as JSON' "$fovea" inspect "$work/s.fovea" --json
expect 0 '0\.[0-9]+' 'a photo by them' "$fovea" run "$work/s.fovea" $photo
expect 0 'for this run: --step gamma=2' 'steps of one run' "$fovea" run "$work/s.fovea" $photo --step gamma=2
expect 2 "not 'clae'; did you mean 'clahe'" 'a step that does not exist' "$fovea" run "$work/s.fovea" $photo --step clae
expect 2 'out of its range' 'an even median' "$fovea" run "$work/s.fovea" $photo --step median=4
expect 2 'takes up to two numbers' 'three numbers' "$fovea" run "$work/s.fovea" $photo --step clahe=1,2,3
expect 1 "whole numbers, not one of tf.image" 'bytes of floats' "$fovea" run "$work/s.fovea" $photo --resize tf-area \
    --step resize --step equalise
expect 1 'parts of a pixel' 'ImageOps.fit without Pillow' "$fovea" run "$work/s.fovea" $photo --fit crop-exact
expect 0 '^RESIZER\(cv\)' 'what a board builds for it' sh -c '"$1" convert "$2" --emit ops -o "$3" >&2 && cat "$3"' sh \
    "$fovea" "$work/s.fovea" "$work/ops.def"
grep -q '^RECIPE_STEPS(1)' "$work/ops.def" && ! grep -q 'RESIZER(tf)' "$work/ops.def"
verdict $? 'and nothing else'

# ---- layers ----
expect 0 ': PASS' 'the answers' "$fovea" convert $golden/model.h5 -o "$work/l.fovea" --no-fold --check $golden/input.npy \
    $golden/output64.npy
expect 1 'differ by .* more than 1e-12' 'beyond the tolerance' "$fovea" convert $golden/model.h5 -o "$work/n.fovea" \
    --check $golden/input.npy $golden/output64.npy --tolerance 1e-12
[ ! -e "$work/n.fovea" ]
verdict $? 'nothing is written then'
expect 0 '' 'run --dump' "$fovea" run "$work/l.fovea" $golden/input.npy --dump "$work/layers"
[ -s "$work/layers/001_conv2d.npy" ]
verdict $? 'a file for each layer'
cat >"$work/pack.py" <<'END'
import glob, os, struct, sys, zipfile
folder, first = sys.argv[1:3]
with zipfile.ZipFile(folder + "/right.npz", "w") as right, zipfile.ZipFile(folder + "/wrong.npz", "w") as wrong:
    for path in sorted(glob.glob(folder + "/*.npy")):
        data, name = open(path, "rb").read(), os.path.basename(path)[4:]
        right.writestr(name, data)
        wrong.writestr(name, data[:-4] + struct.pack("<f", 9.0) if name == first else data)
END
# one element of the two that the input has
python3 - $golden/input.npy "$work/one.npy" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
size = 10 + struct.unpack("<H", data[8:10])[0]
body = data[size:]
open(sys.argv[2], "wb").write(data[:size].replace(b"(2, ", b"(1, ") + body[:len(body) // 2])
END
python3 "$work/pack.py" "$work/layers" conv2d_1.npy
expect 0 'in [0-9]+ layers: PASS' 'layers beside their own' "$fovea" convert $golden/model.h5 -o "$work/n.fovea" --no-fold \
    --check "$work/one.npy" "$work/layers/right.npz"
expect 1 "first layer that differs is 'conv2d_1' " 'the first that differs' "$fovea" convert $golden/model.h5 \
    -o "$work/n.fovea" --no-fold --check "$work/one.npy" "$work/layers/wrong.npz"
expect 0 '^ +0 ' 'convert --layers' "$fovea" convert $h5 -o "$work/n.fovea" --layers
"$fovea" convert $h5 -o "$work/n.fovea" | grep -q 'conv2d'
[ $? -ne 0 ]
verdict $? 'no layers without it'

# ---- masks: the class of the largest number in its colour, at the photo's size by the nearest ----
mask=tests/golden/conformance/a/conv_act_bn/model.h5
"$fovea" convert $mask -o "$work/m.fovea" --preprocess keras-01 --resize pil-nearest >/dev/null
python3 -c 'import random, sys
random.seed(5)
sys.stdout.buffer.write(b"P6 40 31 255\n" + bytes(random.choice((0, 255)) for _ in range(40 * 31 * 3)))' >"$work/dots.ppm"
photo=$work/dots.ppm
expect 0 'dots.ppm' 'a mask' "$fovea" run "$work/m.fovea" $photo -o "$work/mask.png"
"$fovea" run "$work/m.fovea" $photo -o "$work/mask.npy" -q >/dev/null
"$fovea" run "$work/m.fovea" $photo -o "$work/*.over.png" --overlay >/dev/null
cat >"$work/mask.py" <<'END'
import ast, struct, sys, zlib
def png(path): # width, height, rows of RGB
    data, at, body = open(path, "rb").read(), 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        part = data[at + 8:at + 8 + size]
        if kind == b"IHDR": width, height, depth, colour = struct.unpack(">IIBB", part[:10])
        if kind == b"IDAT": body += part
        at += 12 + size
    assert depth == 8 and colour == 2
    raw, rows, last = zlib.decompress(body), [], [0] * (3 * width)
    for y in range(height):
        line = raw[y * (3 * width + 1):(y + 1) * (3 * width + 1)]
        row = []
        for i, value in enumerate(line[1:]):
            left, up, corner = row[i - 3] if i > 2 else 0, last[i], last[i - 3] if i > 2 else 0
            guess = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
            row.append((value + (0, left, up, (left + up) // 2, guess)[line[0]]) & 255)
        rows.append(row)
        last = row
    return width, height, rows
def npy(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    shape = ast.literal_eval(data[10:10 + size].decode())["shape"]
    return shape, struct.unpack("<%df" % ((len(data) - 10 - size) // 4), data[10 + size:])
(_, high, wide, classes), values = npy(sys.argv[2])
palette = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128), (128, 0, 128)]
width, height, rows = png(sys.argv[1])
wrong, seen = 0, set()
for y in range(height):
    for x in range(width):
        at = ((2 * y + 1) * high // (2 * height) * wide + (2 * x + 1) * wide // (2 * width)) * classes
        best = max(range(classes), key=lambda c: values[at + c])
        seen.add(best)
        wrong += tuple(rows[y][3 * x:3 * x + 3]) != palette[best]
print(width, height, "wrong", wrong, "classes", len(seen))
END
expect 0 '^[0-9]+ [0-9]+ wrong 0 classes [2-6]$' 'its pixels' python3 "$work/mask.py" "$work/mask.png" "$work/mask.npy"
[ -s "$work/dots.over.png" ] && ! cmp -s "$work/dots.over.png" "$work/mask.png"
verdict $? 'an overlay'
expect 1 "'masks/\*.png' writes one for each" 'two photos, one mask' "$fovea" run "$work/m.fovea" $photo $photo -o "$work/mask.png"
expect 1 'height x width' 'a mask of no segmentation' "$fovea" run "$work/s.fovea" $photo -o "$work/mask.png"
expect 2 'takes -o NAME.png' 'an overlay of nothing' "$fovea" run "$work/m.fovea" $photo --overlay

# ---- what public reports broke ----
cases=$shared/cases
if [ ! -d "$cases" ]; then
    echo "photo_command: $cases is not here; its cases were NOT tried"
    counted
    exit
fi
model() { # case, file, options...: converts it to $work/c.fovea
    file=$cases/$1/$2
    shift 2
    "$fovea" convert "$file" -o "$work/c.fovea" "$@" >"$work/out" 2>"$work/err"
}
model jpeg422_edge identity8x16.h5 --preprocess raw --resize none
"$fovea" run "$work/c.fovea" $cases/jpeg422_edge/edge422.jpg -o "$work/c.npy" >/dev/null
expect 0 '^apart 0(\.0)?$' 'jpeg422_edge: libjpeg-turbo'"'"'s pixels' apart "$work/c.npy" $cases/jpeg422_edge/expected_rgb.npy
model npy_types m.h5
for array in UPPER.NPY bool.npy f16.npy f32.npy f64.npy i32.npy i64.npy i8.npy u8.npy a.npz; do
    "$fovea" run "$work/c.fovea" "$cases/npy_types/$array" -o "$work/c.npy" >"$work/out" 2>"$work/err"
    right=$?
    [ "$array" = bool.npy ] || { apart "$work/c.npy" $cases/npy_types/expected.npy | grep -qE '^apart [0-9.]+(e-0[6-9])?$' || right=1; }
    verdict $right "npy_types: $array"
done
expect 1 '3 inputs could not be read' 'batch_stops: the others are answered' sh -c '"$1" convert weights/demo/patterns.h5 \
    -o "$2/c.fovea" --preprocess keras-01 >/dev/null; "$1" run "$2/c.fovea" "$3"/1.jpg "$3"/2.jpg "$3"/3.jpg' sh "$fovea" "$work" \
    $cases/batch_stops
[ "$(grep -c 'batch_stops/[13].jpg' "$work/out")" -eq 2 ]
verdict $? 'batch_stops: both'
model json_outputs m.h5
expect 0 '"name":"age".*"name":"gender"' 'json_outputs: every output' "$fovea" run "$work/c.fovea" $cases/json_outputs/in.npy --json
! grep -q '"age"[^}]*probability' "$work/out"
verdict $? 'json_outputs: a regression is no probability'
model sigmoid_two_labels m.h5 --labels $cases/sigmoid_two_labels/labels.txt
verdict $? 'sigmoid_two_labels: both names are taken'
expect 0 'labels: cat, dog|cat' 'sigmoid_two_labels: and kept' "$fovea" inspect "$work/c.fovea"
model channels_first_photo conv_cf.h5 --preprocess keras-01 --resize pil-bicubic
expect 0 '^.*base.png' 'channels_first_photo: a photo is taken' "$fovea" run "$work/c.fovea" $cases/channels_first_photo/base.png
"$fovea" convert weights/demo/patterns.h5 -o "$work/c.fovea" --preprocess keras-01 >/dev/null
expect 0 'trail.png' 'png_trailing: what is whole is read' "$fovea" run "$work/c.fovea" $cases/png_trailing/trail.png
"$fovea" convert weights/demo/patterns.h5 -o "$work/c.fovea" --preprocess keras-01 --resize pil-lanczos --fit crop-exact \
    >/dev/null
expect 0 'crop-exact, resize pil-lanczos' 'crop_imageops_fit: it can be said (pixels: photos.sh)' "$fovea" inspect "$work/c.fovea"

counted
