# The inner loop of a function in a compiler's assembly: of all stretches between a label and a branch
# back to it, the one with the most multiply-adds.
#
#     awk -v function_name=conv_8_neon -f loop.awk neon.s
/^[A-Za-z_][A-Za-z0-9_.]*:/ { # gcc adds .constprop.0 and the like to names
    inside = index($1, function_name ":") == 1 || index($1, function_name ".") == 1
    label = ""
    next
}
!inside { next }
/^\.L[A-Za-z0-9_]+:/ {
    label = substr($1, 1, index($1, ":") - 1)
    lines = adds = 0
    next
}
/^[ \t]*($|[.#@]|\/\/)/ || label == "" { next } # directives and comments
{
    line[lines++] = $0
    if ($1 ~ /^v?f?ml[as]/) adds++
    if ($1 ~ /^(b|cb|tb)/ && $NF == label) {
        if (adds > most) {
            most = adds
            text = ""
            for (i = 0; i < lines; i++) text = text line[i] "\n"
        }
        label = ""
    }
}
END { printf "%s", text }
