#!/bin/sh
# Signed models: Ed25519 beside libsodium and in the cases of Project Wycheproof; the commands key, sign and verify.
# usage: signing.sh BUILD [MESSAGES]     (300)
set -u
build=$1
messages=${2:-300}
fovea=$build/fovea
program=$build/tests/differential/signing
. tests/expect.sh

# Its own counts join ours.
take() { # name, command...
    name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    line=$(tail -n 1 "$work/out")
    good=${line%% *}
    bad=$(echo "$line" | sed -n 's/.*, \([0-9]*\) failed/\1/p')
    passed=$((passed + ${good:-0}))
    failed=$((failed + ${bad:-1}))
    [ "${bad:-1}" = 0 ] || { echo "FAIL $name" && head -n 6 "$work/out"; }
}
take 'beside libsodium' "$program" random "$messages"

# Wycheproof's cases come with a package of Rust's registry.
if command -v cargo >/dev/null 2>&1; then
    crate=$build/wycheproof
    mkdir -p "$crate/src"
    printf '[package]\nname = "cases"\nversion = "0.1.0"\n[dependencies]\nwycheproof = "=0.7.0"\n' >"$crate/Cargo.toml"
    : >"$crate/src/lib.rs"
    (cd "$crate" && CARGO_HOME=$PWD/home cargo fetch) >"$work/out" 2>"$work/err"
    cases=$(find "$crate/home" -name ed25519_test.json 2>/dev/null | head -n 1)
    take "Wycheproof's cases" "$program" wycheproof "${cases:-none}"
else
    echo 'NOT run: the cases of Wycheproof, which need cargo'
fi

expect() { # CODE 'PATTERN' NAME ARGUMENTS...
    want=$1
    pattern=$2
    name=$3
    shift 3
    answered "$want" "$pattern" "$name" "$fovea" "$@"
    verdict $right "$name (exit $code)"
}
is() { # NAME COMMAND...
    name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    verdict $? "$name"
}

golden=tests/golden/conformance/a/net_mini_seed
cd "$work" || exit 1
home=$OLDPWD
case $fovea in /*) ;; *) fovea=$home/$fovea ;; esac
"$fovea" convert "$home/$golden/model.h5" --golden "$home/$golden/input.npy" -o m.fovea >/dev/null

expect 0 '^[0-9a-f]{64}$' 'a new key' key new -o a.key
public=$(cat out)
is 'only its owner reads it' test "$(ls -l a.key | cut -c 1-10)" = -rw-------
expect 0 "^$public\$" 'its public key' key public a.key
expect 1 'cannot make a.key' 'never over another' key new -o a.key
expect 0 "^$public\$" 'it is the same' key public a.key
expect 1 'not a key file' 'a model is no key' key public m.fovea
expect 2 'fovea key new' 'an unknown word' key old
"$fovea" key new -o b.key >/dev/null
other=$("$fovea" key public b.key)
is 'two keys differ' test "$public" != "$other"

sign() { "$fovea" sign m.fovea --key a.key --name skin --version 7 -o m.fvs "$@"; }
is 'sign' sign --min-app 3 --not-after 2099-12-31
cp m.fvs first.fvs
tail -c +257 m.fvs >inside
is 'the model inside is untouched' cmp inside m.fovea
expect 0 '^version   7$' 'verify' verify m.fvs --public "$public"
expect 0 '2099-12-31T23:59:59Z' 'its last second' verify m.fvs --public "$public"
expect 0 '"version":7,.*"not_after":"2099-12-31T23:59:59Z","min_app":3,.*"sha512":"[0-9a-f]{128}"' 'as JSON' verify m.fvs --public "$public" --json
expect 0 "^key       $public" 'any of the keys' verify m.fvs --public "$other" --public "$public"
expect 1 'E-007' 'the wrong key' verify m.fvs --public "$other" --verbose
expect 1 'E-010' 'another name' verify m.fvs --public "$public" --name brain --verbose
expect 1 'E-011' 'not newer' verify m.fvs --public "$public" --newer-than 7 --verbose
expect 0 skin 'newer' verify m.fvs --public "$public" --newer-than 6
expect 1 'E-012' 'an old program' verify m.fvs --public "$public" --app 2 --verbose
expect 1 'E-001' 'a model without a seal' verify m.fovea --public "$public" --verbose
expect 2 'one file and --public' 'without a key' verify m.fvs
expect 1 '64 hexadecimal digits' 'not a key' verify m.fvs --public abc
is 'sign again' env SOURCE_DATE_EPOCH=1000 "$fovea" sign m.fovea --key a.key --name skin --version 7 -o same1.fvs
is 'sign again' env SOURCE_DATE_EPOCH=1000 "$fovea" sign m.fovea --key a.key --name skin --version 7 -o same2.fvs
is 'the same bytes each time' cmp same1.fvs same2.fvs
is 'sign until long ago' sign --not-after 1999-12-31
expect 1 'E-013' 'it has expired' verify m.fvs --public "$public" --verbose

expect 0 'pass' 'a sealed model runs' selftest first.fvs --public "$public"
expect 0 'signature was not checked' 'what nobody asked about is said' selftest first.fvs
expect 1 'E-007' 'not by another key' selftest first.fvs --public "$other" --verbose
expect 1 'not signed' 'a model without a seal, and a key' selftest m.fovea --public "$public"
head -c 300 first.fvs >short.fvs
expect 1 'short.fvs' 'a cut one' selftest short.fvs --public "$public"
head -c 100 first.fvs >short.fvs
expect 1 'short.fvs' 'a header cut' selftest short.fvs

printf x | dd of=first.fvs bs=1 seek=20000 conv=notrunc 2>/dev/null
expect 1 'E-018' 'a byte is another' verify first.fvs --public "$public" --verbose

expect 2 'needed' 'sign says what it needs' sign m.fovea --key a.key -o x.fvs
expect 2 'letters' 'a name of other letters' sign m.fovea --key a.key --name '../x' --version 1 -o x.fvs
for date in 2028-02-30 2027-02-29 28-1-1 2028-13-01 tomorrow 2028-01-01x 1969-01-01; do
    expect 2 'takes a date' "no date: $date" sign m.fovea --key a.key --name a --version 1 --not-after "$date" -o x.fvs
done
is 'a leap day' "$fovea" sign m.fovea --key a.key --name a --version 1 --not-after 2028-02-29 -o leap.fvs
expect 0 '2028-02-29T23:59:59Z' 'and it is that day' verify leap.fvs --public "$public"
expect 1 'x.npy|not a' 'what is no model is not signed' sign a.key --key a.key --name a --version 1 -o x.fvs
expect 2 'would replace' 'not over the model' sign m.fovea --key a.key --name a --version 1 -o m.fovea
expect 1 'not a key file' 'by what is no key' sign m.fovea --key m.fovea --name a --version 1 -o x.fvs
is 'nothing was written' test ! -e x.fvs

is 'an old key says which key comes next' "$fovea" key list "$other" --key a.key --name keys --version 1 -o keys.fvs
"$fovea" sign m.fovea --key b.key --name skin --version 8 -o next.fvs
expect 1 'E-007' 'unknown so far' verify next.fvs --public "$public" --verbose
expect 0 'version   8' 'known by the list' verify next.fvs --public "$public" --keys keys.fvs
expect 1 'E-007' 'the old one is not trusted any more' verify same1.fvs --public "$public" --keys keys.fvs --verbose
expect 1 'E-009' 'a list is no model' verify keys.fvs --public "$public" --verbose
expect 1 'E-009' 'a model is no list' verify next.fvs --public "$public" --keys same1.fvs --verbose
expect 1 '64 hexadecimal' 'a list of what is no key' key list abc --key a.key --name keys --version 1 -o k2.fvs
cd "$home" || exit 1
counted
