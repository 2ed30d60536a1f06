#!/bin/sh
# coverage.sh BUILD - what share of the lines the whole suite runs, for each room
#
# BUILD was compiled with --coverage.  Fails if base/, facts/, parser/, convert/ and rules/ together
# stay below COVERAGE_MIN percent.
set -u

build=$1
least=${COVERAGE_MIN:-90}

find "$build" -name '*.gcda' -exec rm -f {} +
status=0
# a test that gives up root cannot write its counts here, and would be told off for it
elsewhere=$(mktemp -d) || exit 2
trap 'rm -rf "$elsewhere"' EXIT
chmod 777 "$elsewhere"
if real=$(command -v setpriv); then
    printf '#!/bin/sh\nGCOV_PREFIX=%s exec %s "$@"\n' "$elsewhere" "$real" >"$elsewhere/setpriv"
    chmod 755 "$elsewhere/setpriv"
    PATH=$elsewhere:$PATH
fi

# the real Postfix runs no line of ours that the others do not
if ! SLOW_PROGRAM=1 B=$build POSTMEND=$build/postmend sh tests/run.sh suite golden live unit fuzz \
    >"$build/check.log" 2>&1; then
    grep -E 'not ok|FAILED' "$build/check.log" | head -n 20
    echo "coverage: the suite failed; see $build/check.log"
    status=1
fi
tail -n 1 "$build/check.log"

# the objects of each room; gcov -n prints "File 'parser/text/line.c'" and "Lines executed:97.50% of 80"
find "$build" -name '*.gcno' ! -path "$build/tests/*" ! -path '*/facts/generate*' \
    ! -name compiled.gcno ! -name registry.gcno -exec "${GCOV:-gcov}" -n {} + 2>/dev/null |
    awk -v least="$least" '
    /^File / { file = $2; gsub("\047", "", file) }
    /^Lines executed:/ && file != "" {
        split($0, part, /[:% ]+/)
        percent = part[3]
        total = $NF
        if (file !~ /^\// && file !~ /^build/ && !(file in lines)) {
            lines[file] = total
            run[file] = percent * total / 100
        }
        file = ""
    }
    END {
        for (file in lines) {
            room = file
            sub(/\/.*/, "", room)
            room_lines[room] += lines[file]
            room_run[room] += run[file]
            if (run[file] < lines[file] * 0.8)
                printf "coverage:   %5.1f %% of %4d lines  %s\n", 100 * run[file] / lines[file],
                    lines[file], file | "sort -k2,2n"
        }
        close("sort -k2,2n")
        for (room in room_lines) {
            printf "coverage: %5.1f %% of %5d lines  %s/\n", 100 * room_run[room] / room_lines[room],
                room_lines[room], room
            if (room ~ /^(base|facts|parser|convert|rules)$/) {
                all_lines += room_lines[room]
                all_run += room_run[room]
            }
        }
        if (all_lines == 0) {
            print "coverage: gcov found nothing"
            exit 1
        }
        all = 100 * all_run / all_lines
        printf "coverage: %5.1f %% of %5d lines  base/, facts/, parser/, convert/ and rules/ (at least %d %%)\n",
            all, all_lines, least
        exit all < least
    }' || status=1
exit "$status"
