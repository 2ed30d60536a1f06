#!/bin/sh
# m4.sh - how many .mc files a second our m4 reads, beside GNU m4
#
# The files are those of POSTMEND_SHARED/corpus and those of Debian's package sendmail-cf, or the fixtures
# where neither is here.  Ours: all files as many times as BENCH_M4_ROUNDS says in one process, read once.  GNU m4:
# one process a file, as people run it, and one process for all of them.
set -u
installed=${SENDMAIL_CF:-/usr/share/sendmail/cf}
rounds=${BENCH_M4_ROUNDS:-100}
ours=${B:-build}/oracle/m4
convert=${B:-build}/oracle/convert
convert_rounds=10
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

[ -x "$ours" ] || make -s "$ours" B="${B:-build}" || exit 2
"${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -o "$work/measure" tests/bench/measure.c || exit 2
"$ours" prelude | sed 's/\bt_//g' >"$work/prelude"
set --
corpus=$(realpath "${POSTMEND_SHARED:-tests/oracle}/corpus")
for file in "$corpus"/sendmail/*.mc "$installed"/cf/*.mc "$installed"/debian/*.mc \
    "$PWD"/tests/oracle/m4/*.mc; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done
if [ $# -eq 0 ]; then
    echo "SKIP bench m4: there are no .mc files here"
    exit 77
fi
size=$(cat "$@" | wc -c)

# of five runs the median, in seconds
median() {
    for _ in 1 2 3 4 5; do
        "$work/measure" 1 "$@" || exit 1
    done | cut -d' ' -f1 | sort -n | sed -n 3p
}

seconds=$(median "$ours" many "$rounds" "$@")
awk "BEGIN { printf \"bench: m4: %d files of %d bytes on average; %.0f a second, %.1f MB a second\\n\",
    $#, $size / $#, $# * $rounds / $seconds, $size * $rounds / $seconds / 1e6 }"
rss=$("$work/measure" 1 "$ours" many "$rounds" "$@" | cut -d' ' -f4)
echo "bench: m4: $((rss / 1024)) MiB at most"
[ -x "$convert" ] || make -s "$convert" B="${B:-build}" || exit 2
converting=$(median "$convert" "$convert_rounds" "$@")
awk "BEGIN { printf \"bench: convert: %.0f files a second on one core, read and made anew each time\\n\",
    $# * $convert_rounds / $converting }"
tested=$(median "$convert" -t "$convert_rounds" "$@")
awk "BEGIN { printf \"bench: convert: with the live test, for which each server is asked in every way: %.0f a second\\n\",
    $# * $convert_rounds / $tested }"
command -v m4 >/dev/null || {
    echo "SKIP bench m4: there is no GNU m4 here to compare with"
    exit 0
}
# what is included is not there; GNU m4 says so and goes on
# shellcheck disable=SC2016 # the inner shell's own
each=$(cd "$work" && median sh -c 'for file; do m4 prelude "$file"; done >/dev/null 2>&1 || :' \
    sh "$@")
awk "BEGIN { printf \"bench: m4: GNU m4, a process a file: %.0f a second; ours is %.0f times as fast\\n\",
    $# / $each, ($# * $rounds / $seconds) / ($# / $each) }"
awk "BEGIN { printf \"bench: convert: GNU m4 alone, a process a file: %.0f a second; convert is %.1f times as fast\\n\",
    $# / $each, ($# * $convert_rounds / $converting) / ($# / $each) }"
