#!/bin/sh
# tidy.sh [FILE.c...] - what clang-format, clang-tidy, cppcheck, shellcheck and the project's own checks
# find, in all files or in these
set -u

jobs=$(nproc)
status=0
output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT

# ours - the project's own files of one kind: those that git knows, and new ones
ours() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

# verdict NAME STATUS
verdict() {
    if [ "$2" -eq 0 ]; then
        echo "tidy: $1: no problems found"
    else
        echo "tidy: $1: see above"
        status=1
    fi
}

if [ $# -gt 0 ]; then
    files=$(printf '%s\n' "$@")
else
    files=$(ours '*.c')
fi
# shellcheck disable=SC2089 # the quotes are the compiler's
flags="-std=c17 -D_GNU_SOURCE -DPOSTMEND_VERSION=\"0\" -I. -Ibuild-tidy $(pkg-config --cflags yaml-0.1 libpcre2-8 openssl jansson cmocka)"

ours '*.c' '*.h' | xargs clang-format --dry-run -Werror
verdict clang-format $?

# the objects of a build of its own, so that one that is half done does not speak for the sources
make -s -j"$jobs" B=build-tidy build-tidy/postmend >/dev/null && python3 tests/arrows.py build-tidy
verdict arrows $?

python3 tests/names.py
verdict names $?

python3 tests/english.py
verdict english $?

# some are read by others or given to sh, and have no first line that says so
{
    ours '*.sh'
    echo .ci/needs
} | xargs shellcheck -x -s sh -e SC2317 && shellcheck .ci/run # tests call functions by their names
verdict shellcheck $?

# one file a process: in a second one this clang takes every va_list for uninitialized
# shellcheck disable=SC2086,SC2090 # flags are a list
echo "$files" | xargs -P "$jobs" -I FILE clang-tidy --quiet FILE -- $flags >"$output" 2>&1
grep -q ' error: ' "$output"
found=$?
grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed [0-9]+ warnings|^$' "$output"
verdict clang-tidy $((1 - found))

# shellcheck disable=SC2086
echo "$files" | cppcheck --quiet --std=c11 -j "$jobs" --inline-suppr --error-exitcode=1 \
    --enable=warning,performance,portability --suppressions-list=tests/cppcheck.txt \
    -D_GNU_SOURCE -I. -Ibuild-tidy --file-list=-
verdict cppcheck $?
exit "$status"
