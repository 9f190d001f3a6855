#!/bin/sh
# Android's Kotlin layer, compiled by Kotlin's compiler and run on this machine's JVM with the same native code, and the
# AAR; the native library for phones needs the NDK, which is not had here: tests/packages.sh builds as much as goes without.
#
#     sh tests/jvm/run.sh BUILD
set -eu
cd "$(dirname "$0")/../.."
build=$1
mkdir -p "$build/jvm/objects" "$build/jvm/libs/x86_64"
out=$(cd "$build/jvm" && pwd)
home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")

for source in kernels/*.c weights/*.c engine/*.c engine/hosted/*.c packages/binding/handle.c packages/binding/describe.c \
    packages/binding/photo.c packages/android/jni.c; do
    echo "-c $source -o $out/objects/$(echo "$source" | tr / _).o"
done | xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 ${CC:-cc} -std=c11 -O2 -fPIC -fvisibility=hidden -ffp-contract=off \
    -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -I. -I"$home/include" -I"$home/include/linux"
${CC:-cc} -shared "$out"/objects/*.o -Wl,-s -Wl,-z,max-page-size=16384 -lm -pthread -o "$out/libs/x86_64/libfovea_jni.so"
cp "$out/libs/x86_64/libfovea_jni.so" "$out/libs/x86_64/libfovea.so"
shown=$(nm -D --defined-only "$out/libs/x86_64/libfovea_jni.so" | awk '$3 !~ /^(fovea_handle_|JNI_OnLoad)/ {print $3}')
[ -z "$shown" ] || { echo "FAIL the library shows $shown"; exit 1; }

sh packages/android/aar.sh "$out" "$out/libs"
java -cp "$out/lib/*" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib -no-reflect -jvm-target 1.8 \
    -cp "$out/classes.jar:$out/lib/kotlin-stdlib-2.1.0.jar" -d "$out/test.jar" tests/jvm/Test.kt

"$build/fovea" convert weights/demo/patterns.h5 -o "$out/patterns.fovea" --labels weights/demo/labels.txt \
    --preprocess keras-01 --resize pil-bicubic >/dev/null
"$build/fovea" convert weights/demo/patterns.h5 -o "$out/open.fovea" >/dev/null
# From the AAR alone, in a folder with nothing else; with JNI's own checks.
rm -rf "$out/empty"
mkdir -p "$out/empty"
demo=$(pwd)/weights/demo
cd "$out/empty"
python3 -m zipfile -e "$out"/fovea-*.aar .
for file in AndroidManifest.xml classes.jar proguard.txt R.txt jni/x86_64/libfovea_jni.so prefab/prefab.json \
    prefab/modules/fovea/module.json prefab/modules/fovea/include/fovea.h prefab/modules/fovea/libs/android.x86_64/abi.json; do
    [ -e "$file" ] || { echo "FAIL the AAR has no $file"; exit 1; }
done
java -Xcheck:jni -Djava.library.path=jni/x86_64 -cp "classes.jar:$out/test.jar:$out/lib/kotlin-stdlib-2.1.0.jar" \
    TestKt "$out/patterns.fovea" "$demo" "$out/open.fovea" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
cat "$out/log"
! grep -E 'WARNING in native|FATAL ERROR' "$out/log"
