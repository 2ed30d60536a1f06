#!/bin/sh
# kinds.sh - how much processor time "lint" takes for servers of many kinds, beside gzip(1)
#
# The stock pair of run.sh has neither restrictions nor ciphers nor tables: a rule that is slow on a
# server that is in use shows here.  The servers are those of the stories in fixtures/, copied until
# there are BENCH_COPIES of each, and both programs read the same files, one after the other.  Fails
# where lint takes more than WANTED times as long as gzip: half as much again as it takes now.
set -u

copies=${BENCH_COPIES:-60}
rounds=${BENCH_ROUNDS:-5}
postmend=$(realpath "${POSTMEND:-./postmend}")
wanted=2.75
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

"${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -o "$work/measure" tests/bench/measure.c || exit 2
for main in fixtures/*/in/main.cf; do
    story=${main%/in/main.cf}
    for number in $(seq "$copies"); do
        cp -R "${main%/main.cf}" "$work/${story#*/}-$number" || exit 2
    done
done
cd "$work" || exit 2
set -- */main.cf
count=$#
files=$(find . -name main.cf -o -name master.cf)

# add_time FILE COMMAND... - the seconds of the processor that one run takes
add_time() {
    times=$1
    shift
    ./measure 1 "$@" >one.time || exit 1
    awk '{ printf "%.4f\n", $2 + $3 }' one.time >>"$times"
}

# median FILE
median() {
    sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

round=0
while [ "$round" -lt "$rounds" ]; do
    add_time lint.times "$postmend" lint -j 1 --platform postfix-3.11 ./*/
    # shellcheck disable=SC2086 # a list of names without spaces
    add_time gzip.times gzip -c $files
    round=$((round + 1))
done
awk -v lint="$(median lint.times)" -v gzip="$(median gzip.times)" -v count="$count" \
    -v wanted="$wanted" 'BEGIN {
        printf "bench: %d servers of many kinds: lint %.0f microseconds each, gzip %.0f; ",
            count, lint / count * 1e6, gzip / count * 1e6
        printf "lint takes %.2f times as long (wanted: %.2f at most)\n", lint / gzip, wanted
        if (lint / gzip > wanted) {
            print "bench: FAILED: lint is slower than it was"
            exit 1
        }
    }'
