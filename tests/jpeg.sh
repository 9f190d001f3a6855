#!/bin/sh
# JPEG: our pixels beside those of libjpeg-turbo, its library in hundreds of random files, its programs (djpeg,
# cjpeg, jpegtran) in some, in photos that lie beside the repository, and in a picture of 12 megapixels.
#
#     sh tests/jpeg.sh BUILD [FILES]     (400)
set -u
cd "$(dirname "$0")/.."
build=$1
files=${2:-400}
shared=${FOVEA_SHARED:-../shared}
program=$build/tests/differential/jpeg
work=$build/jpeg
passed=0
failed=0
rm -rf "$work"
mkdir -p "$work"

"$program" "$files" 2>/dev/null >"$work/log"
grep -v 'passed' "$work/log"
line=$(tail -n 1 "$work/log")
passed=${line%% *}
failed=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
case $passed$failed in '' | *[!0-9]*) passed=0 failed=1 ;; esac

# same FILE: at every size, with both transforms
same() {
    for shrink in 1 2 4 8; do
        for fast in 0 1; do
            if [ $fast = 1 ]; then dct=fast; else dct=int; fi
            if djpeg -scale 1/$shrink -dct $dct -outfile "$work/theirs" "$1" 2>/dev/null &&
                "$program" ppm "$1" $shrink $fast "$work/ours" && cmp -s "$work/theirs" "$work/ours"; then
                passed=$((passed + 1))
            else
                echo "FAILED $1, 1/$shrink, $dct"
                failed=$((failed + 1))
            fi
        done
    done
}

seed=1
made=0
while [ $made -lt 40 ]; do
    if "$program" save $seed "$work/seed.jpg" 2>/dev/null; then
        same "$work/seed.jpg"
        made=$((made + 1))
    fi
    seed=$((seed + 1))
done
for photo in weights/demo/*.jpg $(ls "$shared"/images/chest_xray/*.jp*g "$shared"/images/exif/*.jpg \
    "$shared"/cases/jpeg422_edge/*.jpg 2>/dev/null); do
    same "$photo"
    jpegtran -progressive -restart 3 -outfile "$work/again.jpg" "$photo" && same "$work/again.jpg"
done

# What djpeg writes as BMP, PGM and PPM is read as the same pixels.
for photo in weights/demo/*.jpg; do
    for how in -pnm '-pnm -grayscale' -bmp '-bmp -grayscale' '-bmp -colors 50'; do
        case $how in -bmp*) djpeg ${how#-bmp} -pnm -outfile "$work/theirs" "$photo" ;; *) djpeg $how -outfile "$work/theirs" "$photo" ;; esac
        if djpeg $how -outfile "$work/picture" "$photo" && "$program" ppm "$work/picture" 1 0 "$work/ours" &&
            cmp -s "$work/theirs" "$work/ours"; then
            passed=$((passed + 1))
        else
            echo "FAILED $photo by djpeg $how"
            failed=$((failed + 1))
        fi
    done
done

# 12 megapixels.
"$program" large "$work/large.ppm"
for how in '-sample 2x2' '-sample 2x1 -restart 4' '-sample 1x1 -progressive'; do
    cjpeg -quality 90 $how -outfile "$work/large.jpg" "$work/large.ppm" && same "$work/large.jpg"
done
rm -rf "$work/large.ppm" "$work/large.jpg"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
