#!/bin/sh
# The AAR for Gradle: OUT/fovea-VERSION.aar with the Kotlin classes, the native libraries, ProGuard's rules and, for C and
# C++ (prefab), the headers.
#
#     sh packages/android/aar.sh OUT           (ANDROID_NDK_HOME names the NDK, which builds the libraries)
#     sh packages/android/aar.sh OUT LIBS      (they are there: LIBS/ABI/libfovea_jni.so, LIBS/ABI/libfovea.so)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$(sh "$tree/packages/version.sh")

if [ $# -gt 1 ]; then
    libs=$(cd "$2" && pwd)
else
    : "${ANDROID_NDK_HOME:?names no NDK; or give a folder of libraries}"
    libs=$out/libs
    for abi in arm64-v8a armeabi-v7a x86_64; do
        cmake -S "$here" -B "$out/build-$abi" -DCMAKE_TOOLCHAIN_FILE="$ANDROID_NDK_HOME/build/cmake/android.toolchain.cmake" \
            -DANDROID_ABI=$abi -DANDROID_PLATFORM=android-24 -DCMAKE_BUILD_TYPE=Release
        cmake --build "$out/build-$abi" -j
        mkdir -p "$libs/$abi"
        cp "$out/build-$abi/libfovea_jni.so" "$out/build-$abi/fovea/libfovea.so" "$libs/$abi"
    done
fi

sh "$here/classes.sh" "$out"
aar=$out/aar
rm -rf "$aar"
module=$aar/prefab/modules/fovea
mkdir -p "$aar/jni" "$module/include" "$module/libs"
cp "$here/AndroidManifest.xml" "$here/proguard.txt" "$out/classes.jar" "$aar"
: >"$aar/R.txt"
cp "$tree/include/fovea.h" "$tree/include/fovea_photo.h" "$tree/include/fovea_threads.h" "$module/include"
printf '{"schema_version": 2, "name": "fovea", "version": "%s", "dependencies": []}\n' "$version" >"$aar/prefab/prefab.json"
printf '{"export_libraries": [], "library_name": "libfovea"}\n' >"$module/module.json"
for folder in "$libs"/*/; do
    abi=$(basename "$folder")
    mkdir -p "$aar/jni/$abi" "$module/libs/android.$abi"
    cp "$folder/libfovea_jni.so" "$aar/jni/$abi"
    cp "$folder/libfovea.so" "$module/libs/android.$abi"
    printf '{"abi": "%s", "api": 24, "ndk": 27, "stl": "none", "static": false}\n' "$abi" >"$module/libs/android.$abi/abi.json"
done
rm -f "$out/fovea-$version.aar"
(cd "$aar" && python3 -m zipfile -c "$out/fovea-$version.aar" AndroidManifest.xml proguard.txt classes.jar R.txt jni prefab)
echo "fovea-$version.aar: $(wc -c <"$out/fovea-$version.aar") bytes"
