#!/bin/sh
# no command prints a control character that comes from a file, an argument, a file name or a server
set -u
. tests/golden/cli/lib.sh
check "all control characters, in all places, to all commands" \
    python3 tests/golden/cli/terminal.py "$POSTMEND" "$work"
finish terminal
