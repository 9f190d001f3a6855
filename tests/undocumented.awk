# Functions, types, fields, values and macros of the public headers without a /** comment: before them, or /**< beside
# them. awk -f undocumented.awk HEADERS
FNR == 1 { documented = inside = more = 0 }
/^ *\/\*\*/ { documented = 1 }
/^ *\/?\*/ { next }                                 # of a comment
/^ *$|^}/ { documented = 0 }                        # a comment is for what follows at once
/^}/ { inside = 0 }
/^ *$|^}|^extern|^ +{/ { next }
/^#/ && !/^#define FOVEA_/ || /^#define FOVEA_[A-Z]*_?H$/ { next }
!more && !documented && !/\/\*\*</ { print FILENAME ":" FNR ": " $0 }
{
    opens = / \{$/
    more = !opens && !/^#define.*[^\\]$/ && !/[;,](  *\/\*.*)?$/ || /,$/ && (!inside || /\(/) # goes on in the next line
    if (inside && /^    [A-Z_]+.*\/\*\*</) more = 0
    if (opens) inside = 1
    if (!more) documented = 0
}
