#!/bin/sh
# platform_fields.sh FACTS.H - prints the C table of the members of struct platform that a platform's
# YAML sets by their own names; the reader and the printer of platforms go through it, so that a new
# field is a line in facts.h and its values in platforms.yaml
set -eu

cat <<END
/* made by facts/generate/platform_fields.sh from facts/facts.h */
#include <stddef.h>

#include "facts/platform_yaml.h"

const struct platform_field platform_fields[] = {
END
awk '
    # without_comments - LINE without its comments; one may go on in the next line
    function without_comments(line, end) {
        if (in_comment) {
            end = index(line, "*/")
            in_comment = !end
            line = end ? substr(line, end + 2) : ""
        }
        gsub(/\/\*[^*]*\*\//, "", line)
        in_comment = in_comment || sub(/\/\*.*/, "", line)
        return line
    }

    { line = without_comments($0) }
    line ~ /^struct platform \{/ { inside = 1; next }
    !inside || line !~ /[^ ]/ || line ~ /const struct|size_t/ { next } # pointers are read by hand
    line ~ /^\};/ { exit }
    {
        kind = line ~ /struct str_list / ? "TEXTS" : line ~ /struct str / ? "TEXT" \
            : line ~ /bool / ? "FLAG" : ""
        name = line
        if (kind == "" || line ~ /,/ || !sub(/; *$/, "", name)) {
            print "struct platform: one text, list or flag a line, not: " line > "/dev/stderr"
            exit 1
        }
        sub(/.* /, "", name)
        printf "    {\"%s\", PLATFORM_%s, offsetof(struct platform, %s)},\n", name, kind, name
    }' "$1"
cat <<END
};
const size_t platform_field_count = sizeof platform_fields / sizeof *platform_fields;
END
