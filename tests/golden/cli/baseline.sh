#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# which rules run, and which findings are accepted as they are
set -u
. tests/golden/cli/lib.sh

mkdir "$work/old"
printf 'myhostname = a.example.com\nqueue_run_delay = 10x\nmessage_size_limit = big\n' >"$work/old/main.cf"
cp "$work/old/main.cf" "$work/main.cf.old"

rules_of() {
    run lint --platform rhel10 --format gcc "$@" "$work/old"
    sed -n 's/.*\[\(.*\)\]$/\1/p' "$work/out" | sort -u | tr '\n' ' '
}

# --- rules
check "all rules" [ "$(rules_of | wc -w)" -gt 1 ]
check "one rule" [ "$(rules_of --select bad-value)" = "bad-value " ]
check "a family" [ "$(rules_of --select names)" = "bad-value " ]
check "without a rule" [ "$(rules_of --ignore bad-value | grep -c bad-value)" = 0 ]
check "a family without a rule" [ -z "$(rules_of --select names --ignore bad-value,unknown-parameter)" ]
check "--fix is for the selected rules alone" ends_with 1 lint --platform rhel10 --fix --select bad-value "$work/old"
check "and has changed nothing else" cmp "$work/old/main.cf" "$work/main.cf.old"
check "a misspelt rule" refused 'did you mean "bad-value"?' lint --select bad_valu "$work/old"
check "a rule that is none" refused '"postmend rules" lists them' lint --ignore nothing-like-it "$work/old"
has_families() {
    run rules
    says 'ca-file                  warning  tls        ' && [ "$(awk '{ print $3 }' "$work/out" | sort -u | wc -l)" -gt 5 ]
}
check "the rules have families" has_families

# --- the baseline
baseline="$work/base line"
check "a baseline that is not there" refused '--update-baseline writes it' \
    lint --baseline "$baseline" "$work/old"
check "no baseline to write" refused 'is not given' lint --update-baseline "$work/old"
writes() {
    run lint --platform rhel10 --baseline "$baseline" --update-baseline "$work/old"
    [ "$status" -eq 0 ] && silent && grep -q 'findings are accepted' "$work/err" &&
        grep -q 'bad-value .*main.cf$' "$baseline"
}
check "--update-baseline accepts what is there" writes
accepts() {
    run lint --platform rhel10 --fail-on advice --baseline "$baseline" "$work/old"
    [ "$status" -eq 0 ] && says 'no problems found'
}
check "what is accepted is not reported" accepts
finds_new() {
    printf '# moved\n\n' | cat - "$work/main.cf.old" >"$work/old/main.cf"
    accepts || return 1
    printf 'bounce_queue_lifetime = 5 days\n' >>"$work/old/main.cf"
    run lint --platform rhel10 --baseline "$baseline" "$work/old"
    [ "$status" -eq 1 ] && says 'main.cf:6:' && says ': 1 error' && ! says 10x >/dev/null
}
check "what is new is reported, wherever the rest moved" finds_new
another_of_the_kind() {
    printf 'queue_run_delay = 10x\n' | cat "$work/main.cf.old" - >"$work/old/main.cf"
    run lint --platform rhel10 --select bad-value --baseline "$baseline" "$work/old"
    cp "$work/out" "$work/first"
    printf 'message_size_limit = huge\n' >>"$work/old/main.cf"
    run lint --platform rhel10 --select bad-value --baseline "$baseline" "$work/old"
    ! cmp -s "$work/first" "$work/out"
}
check "a second finding of the same kind is new" another_of_the_kind
check "--fix does not go with a baseline" refused 'cannot be used together' \
    lint --fix --baseline "$baseline" "$work/old"
broken() {
    printf '# comment\n\nnonsense bad-value main.cf\n' >"$baseline"
    refused "base line:3:1: \"nonsense\" is not the fingerprint" lint --baseline "$baseline" "$work/old"
}
check "a baseline that is none" broken
finish baseline
