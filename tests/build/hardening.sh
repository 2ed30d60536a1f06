#!/bin/sh
# the program is built position-independent, with full RELRO, stack protection and _FORTIFY_SOURCE
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/lib.sh
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

readelf -W -h -l -d "$POSTMEND" >"$work/headers" || exit 2
readelf -W -r "$POSTMEND" >"$work/relocations" || exit 2

# has TEXT - in the headers
has() {
    grep -q -E -e "$1" "$work/headers"
}

# uses NAME - a function of libc
uses() {
    grep -q -E -e " $1(@|\$| )" "$work/relocations"
}

no_writable_code() {
    ! grep -q -E 'LOAD.* RWE |GNU_STACK.* RWE ' "$work/headers"
}

check "position-independent" has 'FLAGS_1\).*\<PIE\>'
check "relocations become read-only" has '^ *GNU_RELRO'
check "... and all of them at the start" has 'BIND_NOW|FLAGS_1\).*\<NOW\>'
check "nothing is writable and executable" no_writable_code
check "stacks are protected" uses __stack_chk_fail
check "buffers are checked: memcpy" uses __memcpy_chk
check "buffers are checked: vsnprintf" uses __vsnprintf_chk
finish hardening
