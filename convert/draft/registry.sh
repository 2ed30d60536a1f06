# prints the C file that lists all modules on the way from Sendmail: each
# "const struct sendmail_module NAME = {" of the files given, by its order (500 if it says none)
{
    for file in "$@"; do
        awk '/^const struct sendmail_module sendmail_module_[a-z0-9_]* = \{$/ { name = $4; order = 500 }
             /^    \.order = [0-9]+,$/ { order = $3 + 0 }
             /^};$/ && name != "" { print order, name; name = "" }' "$file"
    done
} | LC_ALL=C sort -k1,1n -k2 | {
    list=
    count=0
    echo '#include "convert/draft/module.h"'
    while read -r _ name; do
        echo "extern const struct sendmail_module $name;"
        list="$list    &$name,
"
        count=$((count + 1))
    done
    echo 'const struct sendmail_module *const sendmail_modules[] = {'
    printf '%s    NULL,\n};\n' "$list"
    echo "const size_t sendmail_module_count = $count;"
}
