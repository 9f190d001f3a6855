#!/bin/sh
# The engine as one file, compiled without any operating system's headers for machines that are not
# here: no symbol may be asked for but memcpy, memmove, memset, memcmp and what the compiler itself
# brings for arithmetic that a machine lacks.
#
#     sh tests/free.sh DIST BUILD
set -u
dist=$1
build=$2/free
mkdir -p "$build"
passed=0
failed=0
strict='-std=c11 -O1 -ffreestanding -fno-stack-protector -Wall -Wextra -Wconversion -Wshadow -Werror'
memory='^(memcpy|memmove|memset|memcmp)$'
# Of compiler-rt and libgcc: floats and 64-bit numbers in software, switch tables, entry and exit of
# functions. _fltused marks the use of floats for Microsoft's linker.
support='^(__aeabi_.*|___?(add|sub|mul|div|neg|cmp|un|eq|ne|lt|le|gt|ge|ash|lsh|fix|float|ext|trunc|udiv|umod|mod|clz|ctz)[a-z0-9]*|__gnu_.*|_?_fltused|__rt_[a-z0-9]*|_(fadd|fsub|fmul|fdiv|dadd|dsub|dmul|ddiv)|__stack_pointer|__linear_memory|__indirect_function_table|_GLOBAL_OFFSET_TABLE_)$'
wasm='^__(stack_pointer|linear_memory|indirect_function_table)$'
plain='^(_GLOBAL_OFFSET_TABLE_|\.TOC\.|_bzero)$' # _bzero: Apple's memset of zeros

try() { # name, what it may ask for, compiler and flags: the engine, and what checks signatures
    try_file fovea "$@"
    try_file fovea_sign "$@"
}
try_file() {
    file=$1
    shift
    name=$1
    allowed=$2
    shift 2
    if "$@" $strict -c "$dist/$file.c" -o "$build/$name.o" >"$build/log" 2>&1; then
        bad=$(llvm_nm -u "$build/$name.o" | awk '{print $NF}' | sed "s/^_\(mem[a-z]*\)$/\1/" |
            grep -vE "$memory" | grep -vE "$allowed" | tr '\n' ' ')
        if [ -z "$bad" ]; then
            passed=$((passed + 1))
            return
        fi
        echo "FAIL $file, $name asks for $bad"
    else
        echo "FAIL $file, $name"
        head -n 5 "$build/log"
    fi
    failed=$((failed + 1))
}
llvm_nm() { "$(clang -print-prog-name=llvm-nm)" "$@"; }

# Machines with 64-bit registers and floats: nothing from the compiler either.
for target in aarch64-linux-android24 x86_64-linux-android24 arm64-apple-ios13 arm64-apple-macos \
    x86_64-apple-macos aarch64-none-elf riscv64-linux-android s390x-linux-gnu powerpc64le-linux-gnu; do
    flags=
    case $target in riscv64*) flags='-march=rv64gc' ;; esac
    try "$target" "$plain" clang -nostdlibinc --target=$target $flags
done
for target in x86_64-pc-windows-msvc aarch64-pc-windows-msvc x86_64-w64-windows-gnu; do
    try "$target" '^_fltused$' clang -nostdlibinc --target=$target
done
try wasm32 "$wasm" clang -nostdlibinc --target=wasm32
try wasm32-simd "$wasm" clang -nostdlibinc --target=wasm32 -msimd128
try armv7a-linux-androideabi24 "$support" clang -nostdlibinc --target=armv7a-linux-androideabi24
try i686-linux-android24 "$support" clang -nostdlibinc --target=i686-linux-android24
try armv7k-apple-watchos "$support" clang -nostdlibinc --target=armv7k-apple-watchos
try cortex-m0 "$support" clang -nostdlibinc --target=thumbv6m-none-eabi
try cortex-m4 "$support" clang -nostdlibinc --target=thumbv7em-none-eabihf -mcpu=cortex-m4
try cortex-m7 "$support" clang -nostdlibinc --target=thumbv7em-none-eabihf -mcpu=cortex-m7
try cortex-m33 "$support" clang -nostdlibinc --target=thumbv8m.main-none-eabi -mcpu=cortex-m33+nofp
try cortex-m55 "$support" clang -nostdlibinc --target=thumbv8.1m.main-none-eabihf -mcpu=cortex-m55
try riscv32 "$support" clang -nostdlibinc --target=riscv32-none-elf -march=rv32imac
try riscv64 "$support" clang -nostdlibinc --target=riscv64-none-elf -march=rv64gc

# Errors that are ids, or nothing: they are numbers then.
try no-texts "$support" clang -nostdlibinc --target=thumbv7em-none-eabihf -mcpu=cortex-m4 -DFOVEA_TEXTS=0
try no-ids "$support" clang -nostdlibinc --target=thumbv7em-none-eabihf -mcpu=cortex-m4 -DFOVEA_TEXTS=0 -DFOVEA_IDS=0

# The memory functions can be our own.
memory='^none$'
try_file fovea own-memory "$plain" clang -nostdlibinc --target=aarch64-none-elf -DFOVEA_OWN_MEMORY
try_file fovea own-memory-gcc "$plain" gcc -DFOVEA_OWN_MEMORY

# Visual Studio's mode of clang, without its headers: tests/windows/stub declares what is asked of them. Photo files are
# not tried: they need more of a C library.
for target in x86_64 aarch64; do
    for file in fovea fovea_threads fovea_sign; do
        if clang --driver-mode=cl --target=$target-pc-windows-msvc /std:c11 /O2 /W4 /WX -I tests/windows/stub \
            /c "$dist/$file.c" "/Fo$build/$file.obj" >"$build/log" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL $file, Visual Studio's mode, $target"
            head -n 5 "$build/log"
        fi
    done
    if [ $target = x86_64 ]; then # the kernels for its vectors are there
        if llvm_nm "$build/fovea.obj" | grep -q avx2; then passed=$((passed + 1)); else
            failed=$((failed + 1))
            echo "FAIL no AVX2 in Visual Studio's mode"
        fi
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
