#!/bin/sh
# The Kotlin layer as OUT/classes.jar, with the compiler that pom.xml names (Maven brings it to OUT/lib once).
#
#     sh packages/android/classes.sh OUT
set -eu
cd "$(dirname "$0")"
mkdir -p "$1"
out=$(cd "$1" && pwd)
[ -e "$out/lib/kotlin-stdlib-2.1.0.jar" ] || mvn -q -B dependency:copy-dependencies -DoutputDirectory="$out/lib"
# The compiler is told not to bring its standard library along: apps have their own.
java -cp "$out/lib/*" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib -no-reflect -jvm-target 1.8 -nowarn \
    -cp "$out/lib/kotlin-stdlib-2.1.0.jar:$out/lib/android-4.1.1.4.jar" -d "$out/classes.jar" src/main/kotlin
