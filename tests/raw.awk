# Where the files that read foreign bytes do so by hand: awk -f tests/raw.awk ALLOWED FILES
#
#   pointer   a pointer is taken out of a cursor, or a cursor's start is used
#   product   two sizes are multiplied that are no constants, without fovea_product
#
# Each line of ALLOWED is "file kind number why". Prints what is not as listed; exit code 1 if anything is.

FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && NF) allowed[$1 " " $2] = $3
    next
}
{
    line = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    gsub(/\/\*.*\*\//, "", line)
    if (line ~ /^ *(#|\/?\*)/ || line ~ /^\/\*/) next
    if (line ~ /fovea_take\(/ || line ~ /(\.|->)start *[-+[]/ || line ~ /\*[a-z_>.-]+(\.|->)start/) note("pointer")
    sub(/^ *(static |const |struct |return \(const )+[a-z_0-9 ]*\**/, "", line)
    gsub(/(^|[^A-Za-z0-9_])([0-9]+u?|[A-Z][A-Z0-9_]*) \* /, " ", line)
    gsub(/ \* ([0-9]+u?|[A-Z][A-Z0-9_]*|sizeof)($|[^a-z_])/, " ", line)
    if (line ~ /[a-z0-9_)\]] (\*|\*=) [a-z(]/) note("product")
}
function note(kind) {
    found[FILENAME " " kind]++
    where[FILENAME " " kind] = where[FILENAME " " kind] " " FNR
}
END {
    for (key in found)
        if (found[key] != allowed[key]) {
            print key ": " found[key] " where tests/raw.txt allows " allowed[key] + 0 ", lines" where[key]
            bad = 1
        }
    for (key in allowed)
        if (!(key in found)) {
            print key ": allowed, but not there"
            bad = 1
        }
    exit bad
}
