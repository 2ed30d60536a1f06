#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# exit statuses, formats, silencing, and what explain, rules and platforms say
set -u
. tests/golden/cli/lib.sh

# --- --fail-on: one configuration for each worst severity
good "$work/nothing"
mkdir "$work/error" "$work/warning"
# shellcheck disable=SC2016 # the dollar is the text's
printf 'myhostname = a.example.com\nsmtpd_banner = ${myhostname\n' >"$work/error/main.cf"
printf 'myhostname = a.example.com\nno_such_parameter = 1\n' >"$work/warning/main.cf"
cp "$work/nothing/master.cf" "$work/warning" # without it nothing can be said for sure
for row in nothing:error:0 nothing:warning:0 nothing:advice:0 nothing:never:0 \
    warning:error:0 warning:warning:1 warning:advice:1 warning:never:0 \
    error:error:1 error:warning:1 error:advice:1 error:never:0; do
    worst=${row%%:*}
    rest=${row#*:}
    check "worst is $worst, --fail-on ${rest%:*}: status ${rest#*:}" \
        ends_with "${rest#*:}" lint --platform rhel10 --fail-on "${rest%:*}" "$work/$worst"
done

# --- long lines
mkdir "$work/long"
awk 'BEGIN { printf "myhostname = a.example.com\nmynetworks ="
    for (i = 0; i < 60; i++) printf " 10.0.%d.0/24", i
    printf " # here"
    for (i = 0; i < 60; i++) printf " and so on"
    print "" }' >"$work/long/main.cf"
cp "$work/nothing/master.cf" "$work/long"
has_dots() {
    run lint --platform rhel10 "$work/long"
    grep -q '^     2 | \.\.\..*0/24 # here .*\.\.\.$' "$work/out" &&
        grep -q '^ *+ \.\.\.[^ ].*0/24$' "$work/out" && return
    show_both
    return 1
}
check "what is left out of a long line is dots" has_dots

# --- JSON
is_json() {
    python3 -c 'import json, sys; json.load(sys.stdin)' <"$1"
}
stable() {
    run lint --platform rhel10 --format json "$1"
    cp "$work/out" "$work/first"
    run lint --platform rhel10 --format json "$1"
    cmp "$work/first" "$work/out"
}
for folder in fixtures/*/; do
    [ -f "$folder/in/main.cf" ] || continue # one of Sendmail's
    name=$(basename "$folder")
    check "$name: the JSON is the same each time" stable "fixtures/$name/in"
    if command -v python3 >/dev/null; then
        check "$name: the JSON is JSON" is_json "$work/out"
    fi
done
command -v python3 >/dev/null || echo "SKIP JSON is JSON: python3 is missing"
counts_agree() {
    run lint --platform rhel10 --format json fixtures/broken/in
    for level in error warning; do
        [ "$(grep -c "\"severity\": \"$level\"" "$work/out")" = \
            "$(sed -n "s/^ \"${level}s\": \([0-9]*\),*$/\1/p" "$work/out")" ] || return 1
    done
}
check "the JSON's summary counts its findings" counts_agree
several_are_json() {
    run lint --platform rhel10 --format json fixtures/seed-001/in fixtures/broken/in fixtures/relay/in
    grep -q '"configurations": 3' "$work/out" && is_json "$work/out"
}
if command -v python3 >/dev/null; then
    check "three configurations are one JSON" several_are_json
fi

# --- whatever formats there are
formats() {
    $POSTMEND lint --help | sed -n '/^Values of --format/,$s/^  \([a-z][a-z-]*\) .*/\1/p'
}
same_findings() {
    run lint --platform rhel10 --format "$1" fixtures/broken/in fixtures/null-client/in
    cp "$work/out" "$work/first"
    [ "$status" -eq 1 ] && says unknown-parameter || return 1
    run lint -j 1 --platform rhel10 --format "$1" fixtures/broken/in fixtures/null-client/in
    cmp "$work/first" "$work/out"
}
check "help lists the formats" [ "$(formats | wc -l)" -ge 2 ]
for format in $(formats); do
    check "--format $format names the rules" same_findings "$format"
done

# --- colours
no_escape() {
    run lint --platform rhel10 "$@" fixtures/broken/in
    ! grep -q "$(printf '\033')" "$work/out"
}
coloured() {
    ! no_escape "$@"
}
check "no colours in a file" no_escape
check "--color never" no_escape --color never
check "--color always" coloured --color always

# --- silencing
silenced() {
    printf '%b' "$1" >"$work/warning/main.cf"
    ends_with "$2" lint --platform rhel10 "$work/warning"
}
check "not silenced" silenced 'x_param = 1\n' 1
check "silenced by the line above" silenced '# postmend: ignore unknown-parameter\nx_param = 1\n' 0
check "silenced by the lowest comment alone" \
    silenced '# postmend: ignore unknown-parameter\n# our own\nx_param = 1\n' 1
check "silenced for one line alone" \
    silenced '# postmend: ignore unknown-parameter\nx_param = 1\ny_param = 1\n' 1
check "another rule is not silenced" silenced '# postmend: ignore bad-value\nx_param = 1\n' 1
check "silencing what does not exist is harmless" \
    silenced '# postmend: ignore no-such-rule\nmyhostname = a.example.com\n' 0
silenced_in_master() {
    mkdir -p "$work/ports"
    sed 's/^smtps/# postmend: ignore smtps-service-name\nsmtps/' fixtures/seed-001/in/master.cf \
        >"$work/ports/master.cf"
    run lint --platform rhel10 "$work/ports"
    ! grep -q smtps-service-name "$work/out"
}
check "silenced in master.cf" silenced_in_master
kept_by_upgrade() {
    moving "$work/keeping"
    cp "$work/ports/master.cf" "$work/keeping/master.cf"
    run upgrade --from rhel9 --to rhel10 "$work/keeping"
    ! grep -q '^+submissions' "$work/out"
}
check "what is silenced is not moved either" kept_by_upgrade

# --- rules, explain, platforms
every_rule_is_explained() {
    run rules
    cp "$work/out" "$work/rules"
    [ "$status" -eq 0 ] && [ -s "$work/rules" ] || return 1
    while read -r rule severity _; do
        run explain "$rule"
        [ "$status" -eq 0 ] && says "$rule ($severity): " && says "Source: " || return 1
    done <"$work/rules"
}
check "every rule is explained, with its source" every_rule_is_explained
rules_in_order() {
    cut -d ' ' -f 1 "$work/rules" | LC_ALL=C sort -c -u
}
check "rules are in the order of their names" rules_in_order
every_platform_works() {
    run platforms
    sed -e 1d -e '/^$/,$d' "$work/out" | cut -d ' ' -f 1 >"$work/platforms"
    sed -n 's/^.* also: //p' "$work/out" | tr ' ' '\n' >>"$work/platforms"
    [ "$(wc -l <"$work/platforms")" -gt 20 ] || return 1
    while read -r platform; do
        run lint --fail-on error --platform "$platform" "$work/nothing"
        [ "$status" -eq 0 ] || { echo "    $platform: status $status"; return 1; }
    done <"$work/platforms"
}
check "every platform and every other name of it can be named" every_platform_works
check "a release is a platform" ends_with 0 lint --platform postfix-3.8 "$work/nothing"
check "so is its patch" ends_with 0 lint --platform postfix-3.8.5 "$work/nothing"
check "capitals do not matter" ends_with 0 lint --platform RHEL10 "$work/nothing"
explains() {
    run explain "$1"
    [ "$status" -eq 0 ] && says "$2"
}
check "explain a parameter" explains smtp_tls_security_level "smtp_tls_security_level (str)"
check "explain one with a history" explains compatibility_level "since Postfix 3.0"
check "explain one of the machine's" explains myhostname "taken from the machine"
check "explain a deprecated one" explains smtpd_use_tls "smtpd_tls_security_level"
check "explain the question of seed-000" explains smtpd_tls_wrappermode "smtpd_tls_wrappermode (bool)"
finish reports
