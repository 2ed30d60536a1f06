#!/bin/sh
# every Sendmail in fixtures/sendmail-*/ is converted as its expect/ says
#
#     convert.sh [--update]
#
# expect/ has what "convert --to rhel10" writes but for the live test, and the
# exit status.  The files must pass lint without an error, and the reference server must answer as
# the plan beside them says.
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/lib.sh

update=no
[ "${1-}" = --update ] && update=yes
case $POSTMEND in
/*) ;;
*) POSTMEND=$PWD/${POSTMEND#./} ;;
esac
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

compare() {
    diff -r -u -x 'livetest.*' "fixtures/$1/expect" "$2" >"$work/difference" && return
    head -n "${DIFF_LINES:-40}" "$work/difference"
    return 1
}

# quiet COMMAND... - what it says is shown where it fails
quiet() {
    "$@" >"$work/said" 2>&1 && return
    tail -n 20 "$work/said"
    return 1
}

# as_planned PLAN - nothing differs from the plan; whether that is good is another question
as_planned() {
    "$POSTMEND" livetest -v "$1" >"$work/said" 2>&1
    tail -n 1 "$work/said" | grep -q ', 0 different$' && return
    tail -n 20 "$work/said"
    return 1
}

# all_counted FOLDER - every line has one fate: the rows of CONVERSION.md are as many as it says
all_counted() {
    total=$(sed -n 's/^| \*\*all\*\* | \*\*\([0-9]*\)\*\*.*/\1/p' "$1/CONVERSION.md")
    rows=$(awk "/^\\| [0-9]+ \\|/ { n++ } /^\\| [0-9]+ to [0-9]+ \\| [0-9]+ lines/ { n += \$6 } END { print n }" "$1/CONVERSION.md")
    [ -n "$total" ] && [ "$rows" -eq "$total" ] && return
    echo "    $rows rows, and $total lines"
    return 1
}

for folder in fixtures/sendmail-*/; do
    story=$(basename "$folder")
    out=$work/$story
    for file in "$folder"in/sendmail.mc "$folder"in/sendmail.cf; do
        [ ! -f "$file" ] || (cd "$folder" && $POSTMEND convert --to rhel10 --output "$out" \
            "in/${file##*/}") >"$work/summary" 2>&1
        status=$?
        [ ! -f "$file" ] || { cat "$work/summary" && echo "status $status"; } >"$out/said"
    done
    check "$story: every line has its fate" all_counted "$out"
    check "$story: the runbook is a shell script" sh -n "$out/runbook.sh"
    check "$story: lint has no error" quiet "$POSTMEND" lint --fail-on error --platform rhel10 "$out"
    if [ -e "$out/livetest.yaml" ]; then
        check "$story: the server answers as planned" as_planned "$out/livetest.yaml"
    fi
    if [ $update = yes ]; then
        rm -rf "${folder}expect"
        cp -R "$out" "${folder}expect"
        rm -f "${folder}expect/livetest.yaml" "${folder}expect/livetest.sh"
    fi
    check "$story is as expected" compare "$story" "$out"
done
finish convert
