#!/bin/sh
# what fuzzers once found does not come back: each file tests/fuzz/found/TARGET/* goes through its
# target in the build directory B
set -u
. tests/lib.sh

build=${B:-build}

# survives TARGET FILE
# shellcheck disable=SC2317 # check calls it
survives() {
    "$build/fuzz/fuzz_$1" "$2" >/dev/null 2>&1
}

for file in tests/fuzz/found/*/*; do
    target=${file%/*}
    target=${target##*/}
    check "$target ${file##*/}" survives "$target" "$file"
done
finish found
