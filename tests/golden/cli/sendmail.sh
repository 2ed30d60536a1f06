#!/bin/sh
# shellcheck disable=SC2016,SC2317 # grave accents are m4's; check calls functions by their names
# lint of macro files: what it says, what --fix makes of them, formats, silencing and exit statuses
#
#     sendmail.sh [--update]
#
# fixtures/macro-files: each in/NAME.mc gives expect/NAME.txt, and expect/NAME.fixed where --fix
# changes it.
set -u
. tests/golden/cli/lib.sh
story=fixtures/macro-files
update=no
[ "${1-}" = --update ] && update=yes && rm -rf "$story/expect" && mkdir "$story/expect"

# lint_one NAME - its findings, and the exit status
lint_one() {
    (cd "$story/in" && $POSTMEND lint --fail-on advice "$1.mc") >"$work/$1.txt" 2>&1
    echo "status $?" >>"$work/$1.txt"
    [ "$update" = no ] || cp "$work/$1.txt" "$story/expect/$1.txt"
    diff -u "$story/expect/$1.txt" "$work/$1.txt"
}

# fix_one NAME - a backup of the old file, and nothing left to fix
fix_one() {
    mkdir "$work/$1"
    cp "$story/in/$1.mc" "$work/$1/$1.mc"
    run lint --fix --fail-on never "$work/$1/$1.mc"
    [ "$status" -eq 0 ] || return
    if [ "$update" = yes ] && ! cmp -s "$story/in/$1.mc" "$work/$1/$1.mc"; then
        cp "$work/$1/$1.mc" "$story/expect/$1.fixed"
    fi
    if [ ! -e "$story/expect/$1.fixed" ]; then
        cmp "$story/in/$1.mc" "$work/$1/$1.mc" && [ "$(ls "$work/$1")" = "$1.mc" ]
        return
    fi
    cmp "$story/expect/$1.fixed" "$work/$1/$1.mc" &&
        cmp "$story/in/$1.mc" "$work/$1/$1.mc.postmend-backup" || return
    run lint --fix --fail-on never "$work/$1/$1.mc"
    cmp "$story/expect/$1.fixed" "$work/$1/$1.mc"
}

for file in "$story"/in/*.mc; do
    item=$(basename "$file" .mc)
    check "$item: what lint says" lint_one "$item"
    check "$item: what --fix makes of it" fix_one "$item"
done

# --- exit statuses
check "a good file" ends_with 0 lint --fail-on advice "$story/in/good.mc"
for row in old-names:error:0 old-names:warning:0 old-names:advice:1 misspelt:error:0 \
    misspelt:warning:1 misspelt:never:0 quote-open:error:1 quote-open:never:0; do
    rest=${row#*:}
    check "${row%%:*}, --fail-on ${rest%:*}" \
        ends_with "${rest#*:}" lint --fail-on "${rest%:*}" "$story/in/${row%%:*}.mc"
done
check "a file that is not there" refused "nothing.mc" lint "$work/nothing.mc"
mkdir "$work/folder.mc"
check "a directory with such a name" refused "folder.mc" lint "$work/folder.mc"
check "a platform that nobody knows" refused "rhel99" lint --platform rhel99 "$story/in/good.mc"
several() {
    run lint --fail-on never "$story/in/good.mc" fixtures/null-client/in "$story/in/misspelt.mc"
    [ "$status" -eq 0 ] && says "3 configurations"
}
check "macro files beside directories" several

# --- JSON
is_json() {
    run lint --format json --fail-on never "$story"/in/*.mc
    python3 -c 'import json, sys; json.load(sys.stdin)' <"$work/out" &&
        says '"rule": "sendmail-quotes"' && says '"path": "fixtures/macro-files/in/apostrophes.mc"'
}
if command -v python3 >/dev/null; then
    check "the JSON of all" is_json
else
    echo "SKIP the JSON of all: python3 is missing"
fi

# --- fix keeps what it does not touch
keeps_bytes() {
    printf 'OSTYPE(`linux%s)dnl\r\n\tdefine( %sconfLOG_LEVEL%s , %s12%s )dnl  \r\nMAILER(`smtp%s)' \
        "'" "'" "'" "'" "'" "'" >"$work/bytes.mc"
    run lint --fix --fail-on never "$work/bytes.mc"
    printf 'OSTYPE(`linux%s)dnl\r\n\tdefine( `confLOG_LEVEL%s , `12%s )dnl  \r\nMAILER(`smtp%s)' \
        "'" "'" "'" "'" >"$work/wanted.mc"
    cmp "$work/wanted.mc" "$work/bytes.mc"
}
check "line ends, blanks and a missing last newline stay" keeps_bytes
finish sendmail
