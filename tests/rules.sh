#!/bin/sh
# The laws of the house that a script can check. Prints what breaks them; exit code 1 if anything does.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}/rules
mkdir -p "$build"
broken=0
say() {
    echo "rules: $*"
    broken=1
}
own=$(git ls-files '*.c' '*.h' '*.def' | grep -v third_party)

# Floors: includes only point down. The public headers are for users: what stands here sees the model's fields.
check_floor() { # folder, pattern of what it may include
    bad=$(grep -nE '^#include "' "$1"/*.c $(ls "$1"/*.h 2>/dev/null) | grep -vE "#include \"($2)" || true)
    if [ -n "$bad" ]; then say "$1/ includes what stands above it:" "$bad"; fi
}
check_floor kernels 'kernels/'
check_floor weights 'kernels/|weights/|include/fovea\.h'
check_floor engine 'kernels/|weights/|include/|engine/[a-z_]*\.(h|def)'
check_floor engine/hosted 'kernels/|weights/|include/|engine/'
check_floor update 'kernels/base\.h|weights/(bytes|check)\.h|include/fovea(_sign|_slots)?\.h|update/[a-z0-9_]*\.h'
check_floor update/hosted 'update/|include/fovea_sign\.h'
below='kernels/(base|half|layout)\.h|weights/|include/fovea\.h'
check_floor convert/job "$below|convert/job/"
check_floor convert/files "$below|convert/(job|files)/|engine/hosted/third_party/"
check_floor convert/graph "$below|convert/(job|files|graph)/"
check_floor convert/keras "$below|convert/(job|files|graph|keras)/"
check_floor convert "$below|convert/"
check_floor packages/binding 'include/|weights/|convert/convert\.h|cli/choices\.h|packages/binding/'
check_floor clinic 'kernels/base\.h|weights/(bytes|check)\.h|convert/job/|clinic/'

# No circle between folders, whatever the floors above allow; cli/ and cli/report/ are one program.
git grep -oE '^#include "[a-z_0-9/]+/' -- kernels weights engine convert clinic update include cli |
    sed -E 's|^(.*)/[^/]*:#include "(.*)/$|\1 \2|; s|cli/report|cli|g' | awk '$1 != $2' | sort -u >"$build/arrows"
bad=$(tsort "$build/arrows" 2>&1 >"$build/order" | sed 's/^tsort: //' | tr '\n' ' ')
if [ -n "$bad" ] || [ "$(wc -l <"$build/order")" -lt 10 ]; then say "folders include each other in a circle:" "$bad"; fi

# Statistics are functions of their arguments: no files, no clock, no printing.
bad=$(grep -nE '\b(fopen|printf|fprintf|puts|time|clock|rand)\(' clinic/*.c || true)
if [ -n "$bad" ]; then say "clinic/ reads, prints or asks for the time:" "$bad"; fi

# Floors 0-2 are freestanding, but for the hosted files.
hosted='kernels/cpu\.c'
bad=$(grep -nE '^ *# *include <' kernels/*.[ch] weights/*.[ch] engine/*.[ch] update/*.[ch] |
    grep -vE "^($hosted):" | grep -vE '<(stddef|stdint|stdbool|limits|float|[a-z0-9]*intrin|arm_neon|arm_mve|wasm_simd128)\.h>' |
    grep -vE '^kernels/base\.h:.*<string\.h>' || true)
if [ -n "$bad" ]; then say "a header of the system in a freestanding file:" "$bad"; fi

# Whatever the command prints goes through cli/say.c or cli/json.c; board_files.c writes sources.
bad=$(grep -nE '(^|[^a-z_])(f?printf|puts|fputs|putc|fputc|putchar|perror|v[fs]printf)\(' cli/*.c | grep -vE '^cli/(say|json|board_files)\.c:' || true)
if [ -n "$bad" ]; then say "the command prints past cli/say.h:" "$bad"; fi

# The command asks the model by the public functions, as programs do, where it does not look into the blob itself.
bad=$(grep -nE '\bmodel(->|\.)(blob|resized|size|arena|striped|in_stripes|values|nodes|(in|out)puts|arrays|words|text|notes|golden|format|at_[a-z]*)\b' cli/*.c | grep -vE '^cli/(head|explain_head|inspect|board_files)\.c:' || true)
if [ -n "$bad" ]; then say "the command reads fields of struct fovea_model:" "$bad"; fi

# Instruction sets: each table's word is a row of the list, and each row has a table.
bad=$({ sed -n 's/.*\.isa = "\([a-z0-9]*\)".*/\1/p' kernels/*.c | grep -v '^ref$'; sed -n 's/^FOVEA_LOCAL void fovea_kernels_\([a-z0-9]*\)(struct fovea_kernels .table) {/\1/p' kernels/*.c; sed -n 's/^ISA([A-Z0-9]*, "\([a-z0-9]*\)".*/\1/p' kernels/isa.def; } |
    sort | uniq -c | awk '$1 != 2 {print $2}')
if [ -n "$bad" ]; then say "kernels/isa.def and the tables of kernels/ differ:" $bad; fi

# Bodies and shims belong to the files of an instruction set; nobody includes a .c but the twin.
bad=$(grep -nE '^#include "kernels/(body|vec)_' $own | grep -vE '^kernels/(sse2|avx2|avx512|vnni|neon|helium|wasm|vec_|body_)' || true)
if [ -n "$bad" ]; then say "a body or shim included elsewhere:" "$bad"; fi

# Foreign bytes: nobody casts a file's bytes to a structure or to numbers outside bytes.h.
bad=$(grep -nE '\(const (struct|uint(16|32|64)_t|float|double)[a-z_ ]*\*\) ?[a-z_.>-]*(bytes|blob|data|file)\b' \
    convert/*.c convert/*/*.c weights/*.c | grep -vE 'weights/bytes\.h' || true)
if [ -n "$bad" ]; then say "bytes cast to numbers outside weights/bytes.h:" "$bad"; fi

# Refusals: each text begins with the id of its check (weights/check.h), and no id stands twice. Memory
# and files that fail, and our own faults, are no checks.
checked='weights/*.c engine/*.c update/*.c engine/hosted/*.[ch] convert/*.c convert/*/*.c cli/npy.c clinic/csv.c clinic/scores*.c'
bad=$(grep -ohE '"[A-Z]-[0-9]{3}[" ]' $checked | cut -c 2-6 | sort | uniq -d)
if [ -n "$bad" ]; then say "ids of checks that stand twice:" $bad; fi
for file in $checked; do
    case $file in convert/job/*) continue ;; esac
    bad=$(tr '\n' ' ' <"$file" |
        grep -oE '[a-z_]*(fail|refuse|unexpected|damaged)\([^";]*"[^"]*|return "[^"]*|(flaw|why|wrong) = [^";]*"[^"]*' |
        grep -vE '"([A-Z]-[0-9]{3}( |$)|$|no memory|the file cannot|the (converted )?model (cannot|does not))' | grep -vE 'const char \*|return "\?$|"unknown status' || true)
    if [ -n "$bad" ]; then say "$file refuses without an id:" "$bad"; fi
done

# What reads foreign bytes does it through the cursor of weights/bytes.h; the rest is listed. First the rule
# itself is tried.
parsers='update/seal.c update/slots.c convert/files/hdf5_*.c convert/files/zip.c convert/files/json.c weights/blob_view.c weights/blob_read.c
    weights/blob_places.c engine/hosted/*_file.c engine/hosted/exif.c cli/npy.c'
printf '%s\n' 'a = b->start[4];' 'n = x.start + 3;' 'p = fovea_take(&b, n);' 'c = *b.start;' 'ok = "a.start[4] x * y";' \
    'n = count * size;' 'n *= width;' 'const char *name = 4 * n; /* a * b */' 'n = MAX * size * 8;' >"$build/sample.c"
tried=$(awk -f tests/raw.awk /dev/null "$build/sample.c" | sed 's/.*sample.c //; s/ where.*//' | sort | tr '\n' ';')
if [ "$tried" != 'pointer: 4;product: 2;' ]; then say "tests/raw.awk does not see what it should: $tried"; fi
bad=$(awk -f tests/raw.awk tests/raw.txt $parsers)
if [ -n "$bad" ]; then say "bytes handled outside weights/bytes.h:" "$bad"; fi
bad=$(grep -lE '"weights/bytes\.h"|json\.h|hdf5_internal\.h' convert/*.c convert/[!f]*/*.c | xargs grep -nE 'fovea_take\(|\.start *[-+[]' || true)
if [ -n "$bad" ]; then say "bytes of a file where none belong:" "$bad"; fi

# Shapes that a file makes are touched through convert/graph/shape.h alone. First the rule itself is tried.
untouched='(\.|->)(dims|rank)\b|\brank *(-[^>]|--)'
printf '%s\n' 'n = shape->dims[axis];' 'if (s.rank == 3)' 'last = rank - 1;' 'rank--;' 'shape_rank(s) + 1' >"$build/sample.c"
tried=$(grep -cE "$untouched" "$build/sample.c")
if [ "$tried" != 4 ]; then say "the rule on shapes does not see what it should: $tried"; fi
bad=$(grep -nE "$untouched" convert/*.c convert/keras/*.[ch] | grep -vE 'value\.(dims|rank)\b' || true)
if [ -n "$bad" ]; then say "a shape touched outside convert/graph/shape.h:" "$bad"; fi

# Files of engine/ that call each other: no circle but those with a reason.
bad=$(python3 tests/circles.py) || say "$bad"

# Length and dress.
for file in $own; do
    lines=$(wc -l <"$file")
    case $file in tests/*) most=600 ;; include/*) most=640 ;; *) most=430 ;; esac # contracts may be long
    if [ "$lines" -gt $most ]; then say "$file has $lines lines"; fi
done
bad=$(grep -nE "$(printf '\t')| +\$" $own | head -n 5 || true)
if [ -n "$bad" ]; then say "tabs or blanks at the end of lines:" "$bad"; fi
bad=$(git ls-files -z | xargs -0 grep -nIE '^(<{7}|>{7}) ' 2>/dev/null | head -n 5 || true)
if [ -n "$bad" ]; then say "what a conflict of a merge left:" "$bad"; fi
bad=$(git ls-files | xargs grep -nE '/(work|home|root)/[a-z]' 2>/dev/null | grep -vE '^(tests/rules.sh|engine/hosted/third_party)' | head -n 5 || true)
if [ -n "$bad" ]; then say "a path of some machine:" "$bad"; fi
if command -v clang-format >/dev/null 2>&1; then
    clang-format --dry-run --Werror $own >"$build/format.log" 2>&1 || say "clang-format: $(head -n 3 "$build/format.log")"
fi

# The library: symbols, and what it asks of libc.
cc=${CC:-cc}
flags='-std=c11 -O2 -ffp-contract=off -D_POSIX_C_SOURCE=200809L -I.'
objects=
for file in kernels/*.c weights/*.c engine/*.c update/*.c engine/hosted/*.c; do
    object=$build/$(echo "$file" | tr / _).o
    $cc $flags -c "$file" -o "$object" || say "$file does not compile"
    objects="$objects $object"
    exported=$(nm -g --defined-only "$object" | awk 'NF == 3 && $3 !~ /^fovea_/ {print $3}')
    if [ -n "$exported" ]; then say "$file exports" $exported; fi
    case $file in engine/hosted/*) continue ;; esac
    asked=$(nm -u "$object" | awk '{print $2}' |
        grep -vE '^(fovea_.*|memcpy|memset|memmove|memcmp|_GLOBAL_OFFSET_TABLE_|getauxval)$' || true)
    if [ -n "$asked" ]; then say "$file needs" $asked; fi
done

# All of the library as one translation unit: file-local names are unique.
for file in kernels/*.c weights/*.c engine/*.c update/*.c; do
    echo "#include \"$file\""
done >"$build/all_in_one.c"
$cc $flags -Wall -Wextra -Werror -c "$build/all_in_one.c" -o "$build/all_in_one.o" >"$build/one.log" 2>&1 ||
    say "the library does not compile as one file: $(grep -m 3 error "$build/one.log")"

# Public headers stand alone, in every C and C++ that there is, their macros too; each thing in them has a comment that
# editors and Doxygen show. First that rule itself is tried.
for header in $(basename -s .h include/*.h); do
    {
        printf '#include "include/%s.h"\n' "$header"
        echo 'struct fovea_options usual(void);'
        echo 'struct fovea_options usual(void) { struct fovea_options options = FOVEA_OPTIONS_INIT; return options; }'
        echo 'struct fovea_options small(void);'
        echo 'struct fovea_options small(void) { struct fovea_options options = FOVEA_OPTIONS_SMALL; return options; }'
    } >"$build/alone.c"
    cp "$build/alone.c" "$build/alone.cpp"
    for language in gcc:c99 gcc:c11 g++:c++11 g++:c++17 clang:c99 clang:c11 clang++:c++11 clang++:c++17; do
        compiler=${language%:*} file=$build/alone.c
        command -v "$compiler" >/dev/null 2>&1 || continue
        case $language in *+:*) file=$build/alone.cpp ;; esac
        "$compiler" -std="${language#*:}" -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -I. -fsyntax-only "$file" ||
            say "$header.h is not what $language takes"
    done
done
printf '%s\n' '/** A. */' 'int a(void);' 'int b(void);' '/** C. */' 'struct c {' '    /** D. */' '    int d;' '    int e;' '};' \
    '/** F. */' 'enum f {' '    G, /**< G. */' '    H,' '};' '' '/* I. */' 'int i(int a,' '      int b);' '#define FOVEA_J 1' >"$build/sample.h"
tried=$(awk -f tests/undocumented.awk "$build/sample.h" | sed 's/.*sample.h:\([0-9]*\):.*/\1/' | tr '\n' ' ')
if [ "$tried" != '3 8 13 17 19 ' ]; then say "tests/undocumented.awk does not see what it should: $tried"; fi
bad=$(awk -f tests/undocumented.awk include/*.h)
if [ -n "$bad" ]; then say "a public name without a comment:" "$bad"; fi

# The README's example compiles and links.
sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' >"$build/example.c"
$cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Iinclude "$build/example.c" $objects -lm -pthread \
    -o "$build/example" >"$build/example.log" 2>&1 || say "the README's example: $(head -n 5 "$build/example.log")"

exit $broken
