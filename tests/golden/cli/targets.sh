#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# convert for every platform that there is: each Sendmail of the fixtures becomes files in which lint
# finds no error for that platform
set -u
. tests/golden/cli/lib.sh

# all_convert PLATFORM - ends with 1 where a file is refused or has an error, and shows which
all_convert() {
    wrong=0
    for file in fixtures/sendmail-*/in/sendmail.mc; do
        rm -rf "$work/out"
        $POSTMEND convert --to "$1" --output "$work/out" "$file" >"$work/said" 2>&1
        if [ $? -gt 1 ] || ! $POSTMEND lint --platform "$1" --fail-on error "$work/out" >"$work/said" 2>&1; then
            wrong=1
            echo "    $file"
            grep -m 3 -e '^postmend' -e 'error:' "$work/said"
        fi
    done
    return "$wrong"
}

# with a slow build, as for the sanitizers, every eighth is enough: all of them would take minutes
every=1
[ -z "${SLOW_PROGRAM:-}" ] || every=8
for platform in $($POSTMEND platforms |
    awk -v every=$every 'NR > 1 && NF == 0 { exit } NR > 1 && (NR - 2) % every == 0 { print $1 }'); do
    check "convert for $platform" all_convert "$platform"
done
finish targets
