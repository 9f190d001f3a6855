#!/bin/sh
# The library as two files, as shipped: compiles anywhere without flags, shows nothing but its own names,
# passes the unit tests and Keras' answers in the library's place, and a stranger can use it.
#
#     sh tests/dist.sh BUILD     (a build with everything made: all unit suites)
set -u
cd "$(dirname "$0")/.."
build=$1
dist=$build/dist
here=$build/vendored
strict='-Wall -Wextra -Wconversion -Wshadow -Werror -DFOVEA_UNOPTIMISED'
mkdir -p "$here"

log=$here/log
. tests/step.sh

names() { # object: what it shows and is not ours
    nm -g --defined-only "$1" | awk '$3 !~ /^fovea_/ {print "shows", $3; bad = 1} END {exit bad}'
}

step 'make amalgamate' sh packages/amalgamate.sh "$dist"
for cc in gcc clang; do
    for std in c11 c17 c2x gnu11; do
        step "$cc -std=$std" $cc -std=$std $strict -c "$dist/fovea.c" -o "$here/fovea.o"
    done
    step "$cc -O2" $cc $strict -O2 -c "$dist/fovea.c" -o "$here/fovea.o"
    step "$cc -Os" $cc $strict -Os -c "$dist/fovea.c" -o "$here/fovea.o"
    for file in photo threads verdict sign; do
        step "$cc, $file" $cc $strict -O1 -c "$dist/fovea_$file.c" -o "$here/$file.o"
        step "names of $file" names "$here/$file.o"
    done
done
step 'names' names "$here/fovea.o"
for header in $(basename -s .h include/*.h); do
    echo "#include \"$header.h\"" >"$here/header.cpp"
    for cxx in g++ clang++; do
        step "$header.h, $cxx" $cxx -std=c++11 $strict -I"$dist" -fsyntax-only "$here/header.cpp"
    done
done

# The product is what gets tested: only the linkage of what tests look into is another.
inside='-DFOVEA_LOCAL=FOVEA_HIDDEN -O2 -ffp-contract=off'
objects=
for file in $(basename -s .c "$dist"/fovea*.c); do
    step "$file for the tests" gcc $inside -c "$dist/$file.c" -o "$here/$file.o"
    objects="$objects $here/$file.o"
done
helpers=
for source in tests/unit/*.c; do
    case $source in tests/unit/test_*) ;; *) helpers="$helpers $build/${source%.c}.o" ;; esac
done
for source in tests/unit/test_*.c; do
    # Those that put something in a part's place need the parts.
    if grep -qE '__(wrap|real)_|^#include "(weights|engine/hosted)/[a-z_]*\.c"' "$source"; then continue; fi
    test=$(basename "$source" .c)
    step "link $test" gcc "$build/tests/unit/$test.o" $helpers "$build/libtools.a" $objects -lcmocka -lm \
        -pthread -o "$here/$test"
    step "$test" "$here/$test"
done
step 'link conformance' gcc "$build/tests/conformance.o" "$build/libtools.a" $objects -lm -pthread \
    -o "$here/conformance"
step 'golden models' "$here/conformance" tests/golden tests/refusals.txt

# A stranger's first minute: an empty directory, the files, one call of the compiler.
rm -rf "$here/new"
mkdir "$here/new"
cp "$dist"/fovea.[ch] "$dist"/fovea_photo.[ch] tests/vendor/main.c "$here/new"
model=$(cd "$here" && pwd)/patterns.fovea
photo=$(pwd)/weights/demo/starburst.jpg
step 'the demo model' "$build/fovea" convert weights/demo/patterns.h5 -o "$model" \
    --labels weights/demo/labels.txt --preprocess keras-01 --resize pil-bicubic
answers() { (cd "$1" && "./$2" "$model" "$photo" | tee answer && grep -q '^starburst  *[01]\.[0-9]*$' answer); }
step 'one call of the compiler' sh -c "cd '$here/new' && cc -O2 main.c fovea.c fovea_photo.c -lm -o classify"
step 'its answer' answers "$here/new" classify

# Who forgets to optimise is told, unless he says that he means it.
tells() { [ "$($1 -c -I"$dist" $2 "$dist/fovea.c" -o "$here/told.o" 2>&1 | grep -c 'without optimisation')" -$3 0 ]; }
for cc in gcc clang; do
    step "$cc -O0 tells" tells $cc -O0 gt
    step "$cc -O0, meant" tells $cc '-O0 -DFOVEA_UNOPTIMISED' eq
    step "$cc -Os" tells $cc -Os eq
done

# Without texts, an error still has the id of its check.
cat >"$here/ids.c" <<'END'
#include "fovea.h"
int main(void) {
    _Alignas(64) static const unsigned char nothing[512];
    struct fovea_model model;
    struct fovea_error error;
    if (fovea_model_open(&model, nothing, sizeof nothing, &error) != FOVEA_FORMAT) return 1;
    for (int i = 0; i < 6; i++)
        if (error.check[i] != "B-002"[i]) return 2;
    return error.text[0] ? 3 : 0;
}
END
for cc in gcc clang; do
    step "ids, $cc" sh -c "$cc $strict -DFOVEA_TEXTS=0 -I'$dist' '$here/ids.c' '$dist/fovea.c' -o '$here/ids' && '$here/ids'"
done

# A program for a board: the model is a part of it, in C and in C++; 20 lines and one call.
rm -rf "$here/flash"
mkdir "$here/flash"
cp "$dist"/fovea.[ch] "$here/flash"
cp tests/vendor/flash.c "$here/flash/main.c"
cp tests/vendor/flash.c "$here/flash/main.cpp"
step 'the demo model as C' "$build/fovea" convert weights/demo/patterns.h5 -o "$here/flash/model.h" --emit c \
    --golden weights/demo/parallel.jpg --labels weights/demo/labels.txt --preprocess keras-01 --resize pil-bicubic
prints() { (cd "$here/flash" && "./$1" >answer && grep -q '^parallel 0.988[12]$' answer); }
for cc in gcc clang; do
    step "two files, $cc" sh -c "cd '$here/flash' && $cc main.c fovea.c -o by_$cc"
    step 'its answer' prints by_$cc
done
step 'strict' sh -c "cd '$here/flash' && gcc -std=c11 $strict -c main.c -o main.o"
step 'without flags' sh -c "cd '$here/flash' && cc -c fovea.c"
for cxx in g++ clang++; do
    step "C++, $cxx" sh -c "cd '$here/flash' && $cxx -std=c++11 $strict main.cpp fovea.o -o by_$cxx"
    step 'its answer' prints by_$cxx
done

counted
