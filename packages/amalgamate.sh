#!/bin/sh
# The library as few files: OUT/fovea.c, fovea.h, and for programs with an operating system
# fovea_photo.c, .h (photo files) and fovea_threads.c, .h (a pool of threads); for all, fovea_sign.c, .h (signed models; fovea_slots.h).
#
#     sh packages/amalgamate.sh [OUT]     (dist)
set -eu
cd "$(dirname "$0")/.."
out=${1:-dist}
mkdir -p "$out"
commit=$(git describe --always --dirty --exclude '*' 2>/dev/null || echo 'no commit')
version=$(sh packages/version.sh)

top() { # what the file is
    echo "/* fovea $version ($commit): $1"
    echo ' * Made by "make amalgamate" from the folders kernels/, weights/ and engine/; do not edit.'
    echo ' *'
    sed 's/^/ * /; s/ *$//' LICENSE
    echo ' */'
}

# one RESULT TITLE FILES...: all files as one
one() {
    result=$1
    title=$2
    shift 2
    { top "$title" && cat "$out/.head" && awk -v root=. -v public="$public" -f packages/amalgamate.awk "$@"; } \
        >"$out/.new"
    mv "$out/.new" "$out/$result"
}

# The engine: all that is freestanding. The reference comes first, because it includes outside of
# conditions what the others include inside them.
engine=kernels/ref.c
for file in kernels/*.c weights/*.c engine/*.c; do
    case $file in
    kernels/ref.c) ;;
    *) engine="$engine $file" ;;
    esac
done
verdict="engine/hosted/verdict_file.c engine/hosted/verdict.c engine/hosted/turns.c engine/hosted/quality.c engine/hosted/drift.c"
photo=$(ls engine/hosted/*.c | grep -vE "threads|verdict|turns|quality|drift")

: >"$out/.head"
public=
one fovea.h 'runs trained Keras CNNs in plain C. Contract of the library.' include/fovea.h
public='include/fovea.h=fovea.h fovea.h=fovea.h'
one fovea_photo.h 'JPEG and PNG files to pixels. Optional.' include/fovea_photo.h
one fovea_threads.h 'a ready pool of threads. Optional.' include/fovea_threads.h
one fovea_verdict.h 'an answer, or why there is none. Optional.' include/fovea_verdict.h
one fovea_sign.h 'signed model files. Optional.' include/fovea_sign.h
public="$public include/fovea_sign.h=fovea_sign.h fovea_sign.h=fovea_sign.h"
one fovea_slots.h 'a signed model replaced on the device. Optional, beside fovea_sign.h.' include/fovea_slots.h
cat >"$out/.head" <<'END'

/* Nothing but the functions of fovea.h is seen from outside. */
#ifndef FOVEA_LOCAL
#if defined(__GNUC__) || defined(__clang__)
#define FOVEA_LOCAL static __attribute__((unused))
#else
#define FOVEA_LOCAL static
#endif
#endif
END
cp "$out/.head" "$out/.local"
cat >>"$out/.head" <<'END'

#if defined(__GNUC__) && !defined(__OPTIMIZE__) && !defined(FOVEA_UNOPTIMISED)
#warning "fovea.c without optimisation takes many times as long: use -O2, or -DFOVEA_UNOPTIMISED to be told no more"
#endif
#ifdef FOVEA_H
#error "include fovea.c before fovea.h: it sees the fields of struct fovea_model"
#endif
END
one fovea.c 'the engine. Compile it as C11 or later; no flags needed.' $engine
mv "$out/.local" "$out/.head"
public="$public include/fovea_photo.h=fovea_photo.h include/fovea_threads.h=fovea_threads.h
    include/fovea_verdict.h=fovea_verdict.h include/fovea_slots.h=fovea_slots.h"
one fovea_photo.c 'JPEG and PNG files, for programs with a C library.' $photo
one fovea_threads.c 'a pool of POSIX threads.' engine/hosted/threads.c
one fovea_verdict.c 'calibrated answers; needs libm.' $verdict
one fovea_sign.c 'signed model files, and replacing them. Needs nothing but memcpy.' update/*.c
rm -f "$out/.head"
