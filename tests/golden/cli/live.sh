#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# livetest, serve, probe and trace: wrong use, and the examples of docs/livetest.md as they are
set -u
. tests/golden/cli/lib.sh
good "$work/good"

# --- wrong use
check "livetest without a path" refused "one configuration directory or one plan" livetest
check "livetest with an unknown engine" refused "expected builtin or postfix" \
    livetest --engine sendmail fixtures/seed-001/in
check "livetest of a server against a directory" refused "cannot be used together" \
    livetest --server 127.0.0.1 --against fixtures/seed-001/in fixtures/seed-001/in
check "livetest with an assumption about nothing" refused "or the like" \
    livetest --assume weather=fine fixtures/seed-001/in
check "livetest of a plan that is not there" refused "$work/none.yaml" livetest "$work/none.yaml"
check "livetest where nothing listens: 0" ends_with 0 livetest --platform rhel9 "$work/good"
check "it says so" says "no port takes mail"
mkdir "$work/alone"
cp "$work/good/main.cf" "$work/alone"
check "livetest without master.cf" refused "has no master.cf" \
    livetest --platform rhel9 "$work/alone"
check "livetest in a format of lint's only" refused "text or json" \
    livetest --format junit fixtures/seed-001/in
check "serve without a path" refused "one configuration" serve
check "serve on no port" refused "1 to 65535" serve --base-port 0 fixtures/seed-001/in
check "serve for users that are not there" refused "$work/none" \
    serve --platform rhel9 --logins "$work/none" fixtures/seed-001/in
check "serve where nothing listens" refused "no inet service that runs smtpd" \
    serve --platform rhel9 "$work/good"
check "probe without a host" refused "expected one host" probe
check "probe of two hosts" refused "expected one host" probe one.example two.example
check "probe in an unknown mode" refused "none, starttls or implicit" probe --tls ssl localhost
check "probe of no port" refused "1 to 65535" probe --port 99999 localhost
check "probe with the CAs of no platform" refused 'unknown platform "rhel99"' \
    probe --platform rhel99 localhost
check "trace without a path" refused "one configuration directory" trace
check "trace of a service that is not there" refused "no such smtpd service" \
    trace --platform rhel9 --port 2525 fixtures/seed-001/in
check "trace of a service by a wrong name" refused "no such smtpd service" \
    trace --platform rhel9 --service submission fixtures/seed-001/in

help_holds() {
    run "$1" --help
    [ "$status" -eq 0 ] && [ ! -s "$work/err" ] && grep -q "^usage: postmend $1 " "$work/out"
}
for command in livetest serve probe trace; do
    check "$command --help" help_holds "$command"
done

# --- exit statuses
check "trace of a session that gets through: 0" ends_with 0 \
    trace --platform rhel9 --port 587 --tls --auth anna fixtures/rhel9/in
check "it goes by STARTTLS and AUTH" says "> STARTTLS"
check "and is permitted as logged in" says "permit_sasl_authenticated: permit  <- decided"
mkdir "$work/many"
cat >"$work/many/main.cf" <<'CF'
compatibility_level = 3.6
mydestination = example.com
smtpd_client_restrictions = check_client_access mysql:/a, check_client_access mysql:/b
smtpd_helo_restrictions = check_helo_access mysql:/c, check_helo_access mysql:/d
smtpd_sender_restrictions = warn_if_reject check_sender_access mysql:/e,
    warn_if_reject check_sender_access mysql:/f, warn_if_reject check_sender_access mysql:/g,
    warn_if_reject check_sender_access mysql:/h, warn_if_reject check_sender_access mysql:/i
CF
not_every_outcome() {
    run trace --platform debian12 --from a@example.net --to b@example.com "$work/many"
    grep -q -F "not every outcome was tried: more than 256 combinations of answers" "$work/err" &&
        return 0
    show_both
    return 1
}
check "trace of a session with too many outcomes says so" not_every_outcome
not_every_entry() {
    run livetest --platform debian12 --output "$work/plan.yaml" "$work/few"
    grep -q -F "only some entries are tried, at most 4 of an access table, 20 domains and 2 recipients of another list, of inline:" "$work/err" && return 0
    show_both
    return 1
}
mkdir "$work/few"
echo "virtual_alias_maps = inline:{ a@v.example=x, b@v.example=x, c@v.example=x }" >"$work/few/main.cf"
echo "smtp inet n - y - - smtpd" >"$work/few/master.cf"
check "livetest says what its plan does not try" not_every_entry
check "trace of a session that is refused: 1" ends_with 1 \
    trace --platform rhel9 --assume dns=ok --assume dnsbl=none fixtures/rhel9/in
one_way() {
    ! grep -q '^with ' "$work/out"
}
check "assumptions leave one way" one_way
check "probe where nobody answers: 1" ends_with 1 probe --port 1 127.0.0.1
check "it says so" says "no-connection: "

# --- the examples
# note FILE ARGUMENT... - what postmend says, for the examples
note() {
    file=$1
    shift
    run "$@"
    cp "$work/out" "$work/$file"
}
note trace.example trace --platform rhel9 fixtures/rhel9/in

$POSTMEND upgrade --from rhel9 --to rhel10 --output "$work/new" fixtures/seed-001/in \
    >/dev/null 2>&1
POSTMEND=$POSTMEND "$work/new/livetest.sh" -v --from rhel9 --against "$PWD/fixtures/seed-001/in" \
    >"$work/rows.example" 2>"$work/err"
POSTMEND=$POSTMEND "$work/new/livetest.sh" --from rhel9 --against "$PWD/fixtures/seed-001/in" \
    >"$work/livetest.example" 2>"$work/err"
check "livetest.sh of an upgrade is content" test $? -eq 0
note plan.example livetest --platform rhel9 --output "$work/plan.yaml" fixtures/seed-001/in
check "livetest --output asks nobody" silent
plan_is_whole() {
    grep -q '^postmend plan: 1$' "$work/plan.yaml" && grep -q '^platform: rhel9$' "$work/plan.yaml"
}
check "livetest --output writes the plan" plan_is_whole

mkdir "$work/small"
cp fixtures/seed-001/in/* "$work/plan.yaml" "$work/small"
echo 'message_size_limit = 500' >>"$work/small/main.cf"
note small.example livetest -v "$work/small/plan.yaml"
check "livetest where an answer differs: 1" test "$status" -eq 1

# start_server FORMAT - postmend serve with its ports behind $base
start_server() {
    base=$((21000 + $$ % 20000))
    for _ in 1 2 3 4 5 6 7 8; do
        : >"$work/serve.out"
        $POSTMEND serve --platform rhel9 --base-port "$base" --format "$1" fixtures/seed-001/in \
            >"$work/serve.out" 2>"$work/serve.log" &
        server=$!
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ ! -s "$work/serve.out" ] || return 0
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        stop_server
        base=$((base + 1117))
    done
    sed 's/^/    serve: /' "$work/serve.log"
    return 1
}

stop_server() {
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
}

# usual_ports FILE - as if the base were 20000
usual_ports() {
    sed -e "s/\([^0-9]\)$((base + 25))\([^0-9]\)/\120025\2/" \
        -e "s/\([^0-9]\)$((base + 465))\([^0-9]\)/\120465\2/" "$1"
}

trap 'stop_server; rm -rf "$work"' EXIT
server=
check "serve says where it listens" start_server text
usual_ports "$work/serve.out" >"$work/serve.example"
note probe.out probe --tls implicit --port "$((base + 25))" 127.0.0.1
usual_ports "$work/probe.out" >"$work/probe.example"
kill "$server"
wait "$server"
check "serve that is told to stop: 0" test $? -eq 0
start_server json && stop_server
usual_ports "$work/serve.out" >"$work/serve.json"
cat >"$work/serve.wanted" <<'END'
{
  "listeners": [
    {
      "service": "smtp",
      "port": 25,
      "host": "127.0.0.1",
      "local_port": 20025,
      "tls": "starttls",
      "certificate": "temporary, for mail.example.jp: /etc/letsencrypt/live/mail.example.jp/fullchain.pem is not in the directory that was opened"
    },
    {
      "service": "smtps",
      "port": 465,
      "host": "127.0.0.1",
      "local_port": 20465,
      "tls": "implicit",
      "certificate": "temporary, for mail.example.jp: /etc/letsencrypt/live/mail.example.jp/fullchain.pem is not in the directory that was opened"
    }
  ]
}
END
check "serve --format json" diff "$work/serve.wanted" "$work/serve.json"

# true_examples KIND FILE... - stands every line of the KIND blocks of the page in one of the files?
true_examples() {
    kind=$1
    shift
    sed -n "/^\`\`\`$kind\$/,/^\`\`\`\$/p" docs/livetest.md | grep -v -e '^```' -e '^\.\.\.$' |
        sort -u >"$work/shown"
    cat "$@" | sed 's/ *$//' | sort -u | comm -23 "$work/shown" - >"$work/untrue"
    [ -s "$work/shown" ] && [ ! -s "$work/untrue" ] && return 0
    sed 's/^/    nobody says: /' "$work/untrue"
    return 1
}
LC_ALL=C
export LC_ALL
check "the examples of docs/livetest.md" true_examples text "$work"/*.example
check "its plan" true_examples yaml "$work/new/livetest.yaml"

# every option that a command takes stands in the manual page
documented() {
    run "$1" --help
    grep -o -e '--[a-z][a-z-]*' "$work/out" | sort -u | while read -r option; do
        grep -q -e "Fl -${option#--}\( \|\$\)" docs/postmend.1 || echo "$option"
    done >"$work/missing"
    [ ! -s "$work/missing" ] && return 0
    sed 's/^/    not in postmend(1): /' "$work/missing"
    return 1
}
for command in lint upgrade livetest serve probe trace route show rules; do
    check "postmend(1) has the options of $command" documented "$command"
done
finish live
