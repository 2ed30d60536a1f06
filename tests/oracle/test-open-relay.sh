#!/bin/sh
# open-relay against the real Postfix: 40 configurations, half of which relay for strangers.  The rule
# must tell them apart, and the real smtpd of each release must answer the stranger's RCPT TO as the
# rule says.
. tests/oracle/lib.sh

heavy
begin_oracle open-relay
cases=$work/cases
mkdir "$cases"
python3 tests/oracle/relay_cases.py "$cases" || exit 2

# permit_mx_backup asks for MX records: a name server of our own, for the time of this test
for release in $releases; do
    cp -P "$roots/$release/etc/resolv.conf" "$work/resolv.$release" 2>/dev/null
    rm -f "$roots/$release/etc/resolv.conf"
    echo 'nameserver 127.0.0.1' >"$roots/$release/etc/resolv.conf"
done
put_back() {
    for release in $releases; do
        rm -f "$roots/$release/etc/resolv.conf"
        [ ! -e "$work/resolv.$release" ] ||
            cp -P "$work/resolv.$release" "$roots/$release/etc/resolv.conf"
    done
    end_oracle
}
trap put_back EXIT

# said NAME RELEASE - does the rule have a finding?
said() {
    if $POSTMEND lint --platform "$(platform_of "$2")" "$cases/$1" 2>/dev/null |
        grep -q '\[open-relay\]'; then
        echo yes
    else
        echo no
    fi
}

# ask_one NAME RELEASE - what its smtpd answers to RCPT TO, into NAME/RELEASE.  The private Postfix has
# a network of its own, in which the name server is started too
ask_one() {
    "$POSTMEND" livetest --engine postfix --postfix-root "$roots/$2" --platform "$(platform_of "$2")" \
        --format json "$cases/$1/plan.yaml" >"$cases/$1/$2.json" 2>"$cases/$1/$2.errors" &
    run=$!
    name_server=
    keeper=
    # it waits for the name server as soon as there is a network
    for _ in $(seq 50); do
        keeper=$(pgrep -P "$run" | head -n 1)
        [ -z "$keeper" ] || break
        sleep 0.02
    done
    kill -STOP "$run"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        nsenter -t "$keeper" -n python3 tests/oracle/dns.py >"$cases/$1/dns" 2>&1 &
        name_server=$!
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
            ! grep -q -e ready -e Error "$cases/$1/dns" || break
            sleep 0.1
        done
        ! grep -q ready "$cases/$1/dns" || break
    done
    kill -CONT "$run"
    wait "$run"
    [ -z "$name_server" ] || kill "$name_server" 2>/dev/null
    grep -A 2 '"step": "RCPT' "$cases/$1/$2.json" | sed -n 's/.*"answered": "\(.*\)",/\1/p' >"$cases/$1/$2"
}

# relays_as NAME WANTED RELEASE - rule and smtpd say so; a sink accepts the mail and delivers it itself
relays_as() {
    real=$(cat "$cases/$1/$3")
    case $real in
    2*) did=yes ;;
    4* | 5*) did=no ;;
    *) did="nothing: $(head -n 1 "$cases/$1/$3.errors")" ;;
    esac
    rule=$(said "$1" "$3")
    case $2 in
    sink) [ "$rule" = no ] && [ "$did" = yes ] && return ;;
    *) [ "$rule" = "$2" ] && [ "$did" = "$2" ] && return ;;
    esac
    echo "# $1: wanted $2, the rule says $rule, smtpd relays: $did ($real)"
    return 1
}

export POSTMEND
for release in $releases; do
    # the listeners of begin_oracle go on
    asked=
    while read -r name wanted; do
        ask_one "$name" "$release" </dev/null &
        asked="$asked $!"
        # shellcheck disable=SC2086 # a list
        [ "$(echo $asked | wc -w)" -lt 4 ] || { wait $asked; asked=; }
    done <"$cases/list"
    # shellcheck disable=SC2086 # a list
    [ -z "$asked" ] || wait $asked
    while read -r name wanted; do
        check "$release: $name" relays_as "$name" "$wanted" "$release"
    done <"$cases/list"
done
echo "open-relay: $(grep -c "yes$" "$cases/list") relays and $(grep -c "no$" "$cases/list") look-alikes, $releases"
finish open-relay
