#!/bin/sh
# no command prints a control character that comes from a file, an argument, a file name or a server
set -u
. tests/golden/cli/lib.sh
check "all control characters, in all places, to all commands" \
    python3 tests/golden/cli/terminal.py "$POSTMEND" "$work"

# files that a configuration only points to
mkdir "$work/linked" "$work/elsewhere" "$work/platform"
echo 'root:secret:1:2' >"$work/elsewhere/shadow"
ln -s ../elsewhere/shadow "$work/linked/main.cf"
echo 'myhostname = h.example' >"$work/platform/main.cf"
echo "platform: $work/elsewhere/shadow" >"$work/platform/.postmend.yaml"
keeps_secret() {
    for command in lint "trace --hostname h.example" show "upgrade --from rhel7 --to rhel10"; do
        # shellcheck disable=SC2086 # a command with its options
        $POSTMEND $command "$1" >"$work/out" 2>&1
        if [ $? -ne 2 ] || grep -q secret "$work/out"; then
            cat "$work/out"
            return 1
        fi
    done
}
check "main.cf is a link to a file that is no main.cf" keeps_secret "$work/linked"
only_lint() {
    $POSTMEND lint "$1" >"$work/out" 2>&1
    [ $? -eq 2 ] && ! grep -q secret "$work/out"
}
check "the platform is a file that is no platform" only_lint "$work/platform"
finish terminal
