#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# wrong use ends with status 2 and one clear line
set -u
. tests/golden/cli/lib.sh
good "$work/good"

check "no command: the help, and status 2" ends_with 2
check "no command says nothing on standard output" silent
check "an unknown command" refused 'unknown command "lnit"' lnit
check "lint without a path" refused "expected a configuration" lint
check "lint of nothing that exists" refused "$work/none" lint --platform rhel10 "$work/none"
check "an unknown option" refused "unknown option --plaform" lint --plaform rhel10 "$work/good"
check "an unknown letter" refused "unknown option -q" lint -q "$work/good"
check "an option without its value" refused "--platform requires a value" lint "$work/good" --platform
check "an unknown platform" refused 'unknown platform "rhel99"' lint --platform rhel99 "$work/good"
check "an unknown release" refused "postfix-9.9" lint --platform postfix-9.9 "$work/good"
check "an empty platform" refused 'unknown platform ""' lint --platform "" "$work/good"
check "an unknown format" refused '--format: invalid value "xml" (expected text, gcc, json' \
    lint --format xml "$work/good"
check "an unknown level" refused "error, warning, advice or never" lint --fail-on bad "$work/good"
check "no workers" refused "1 to 256" lint -j 0 "$work/good"
check "words for workers" refused "1 to 256" lint -j many "$work/good"
check "upgrade without platforms" refused "--from" upgrade "$work/good"
check "upgrade without --to" refused "--to" upgrade --from rhel9 "$work/good"
check "upgrade of two directories" refused "one configuration" \
    upgrade --from rhel9 --to rhel10 "$work/good" "$work/good"
check "upgrade that writes twice" refused "cannot be used together" \
    upgrade --from rhel9 --to rhel10 --diff --in-place "$work/good"
check "unknown way with defaults" refused "keep or adopt" \
    upgrade --from rhel9 --to rhel10 --defaults drop "$work/good"
check "show without a path" refused "expected a configuration" show
check "show in two views" refused "cannot be used together" show -n -M "$work/good"
check "--fix of standard input" refused "standard input" lint --platform rhel10 --fix -
check "explain without a name" refused "expected one rule" explain
check "explain of nothing" refused 'named "no_such_thing"' explain no_such_thing
macros=fixtures/sendmail-workstation/in/sendmail.mc
check "convert without --to" refused "--to P and --output DIR are required" convert --output "$work/new" "$macros"
check "convert without --output" refused "--to P and --output DIR are required" convert --to rhel10 "$macros"
check "convert for an unknown platform" refused 'unknown platform "rhel99"' \
    convert --to rhel99 --output "$work/new" "$macros"
check "convert of nothing" refused "expected one" convert --to rhel10 --output "$work/new"
check "convert of a directory" refused "Is a directory" \
    convert --to rhel10 --output "$work/new" "$work/good"
check "convert of what does not exist" refused "$work/none" \
    convert --to rhel10 --output "$work/new" "$work/none"
check "convert of a Postfix configuration" refused "not a sendmail.mc" \
    convert --to rhel10 --output "$work/new" "$work/good/main.cf"
: >"$work/empty.mc"
printf 'Dear Olga,\nCan you look at it?\n' >"$work/letter"
check "convert of a letter" refused "not a sendmail.mc" \
    convert --to rhel10 --output "$work/new" "$work/letter"
check "convert of an empty file" refused "not a sendmail.mc" \
    convert --to rhel10 --output "$work/new" "$work/empty.mc"
check "convert into a directory that holds files" refused "is not empty" \
    convert --to rhel10 --output "$work/good" "$macros"
check "convert of what is no file" refused "not a regular file" \
    convert --to rhel10 --output "$work/new" /dev/null
check "none of them wrote anything" test ! -e "$work/new"
check "lint knows no --to" refused "--to" lint --to rhel10 "$work/good"

help_holds() {
    run "$@"
    [ "$status" -eq 0 ] && [ ! -s "$work/err" ] && grep -q '^usage: postmend' "$work/out"
}
check "--help" help_holds --help
for command in lint upgrade show explain rules platforms; do
    check "$command --help" help_holds "$command" --help
done
every_command_is_named() {
    run help
    for command in lint upgrade show explain rules platforms; do
        grep -q "^  $command " "$work/out" || return 1
    done
}
check "help names every command" every_command_is_named

version_is_that_of_the_changes() {
    run --version
    version=$(sed -n 's/^## \([^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
    [ "$status" -eq 0 ] && [ "$(wc -l <"$work/out")" -eq 1 ] && says "postmend $version, knows "
}
check "--version is the newest one of CHANGELOG.md" version_is_that_of_the_changes

full_disk() {
    $POSTMEND "$@" >/dev/full 2>"$work/err"
    [ $? -eq 2 ] && grep -q "cannot write" "$work/err"
}
if [ -w /dev/full ]; then
    check "a full disk is noticed" full_disk show -d --platform rhel10 "$work/good"
    check "a full disk is noticed by --version" full_disk --version
fi
finish usage
