#!/bin/sh
# open-relay against the real Postfix: 40 configurations, half of which relay for strangers.  The rule
# must tell them apart, and the real smtpd must answer the stranger's RCPT TO as the rule says.
. tests/oracle/lib.sh

begin_oracle open-relay
tree=$roots/bookworm
cases=$work/cases
mkdir "$cases"
python3 tests/oracle/relay_cases.py "$cases" || exit 2

# permit_mx_backup asks for MX records: a name server of our own, for the time of this test
cp -P "$tree/etc/resolv.conf" "$work/resolv.conf" 2>/dev/null
put_back() {
    rm -f "$tree/etc/resolv.conf"
    [ ! -e "$work/resolv.conf" ] || cp -P "$work/resolv.conf" "$tree/etc/resolv.conf"
    end_oracle
}
trap put_back EXIT
python3 tests/oracle/dns.py >"$work/dns" &
listeners="$listeners $!"
rm -f "$tree/etc/resolv.conf"
echo 'nameserver 127.0.0.1' >"$tree/etc/resolv.conf"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q ready "$work/dns" && break
    sleep 0.2
done
check 'the name server is there' grep -q ready "$work/dns"

# said NAME - does the rule have a finding?
said() {
    if $POSTMEND lint --platform debian12 "$cases/$1" 2>/dev/null | grep -q '\[open-relay\]'; then
        echo yes
    else
        echo no
    fi
}

# what smtpd answers to RCPT TO, into NAME/real
export POSTMEND cases tree
# shellcheck disable=SC2016 # the inner shell's own
cut -d' ' -f1 "$cases/list" | xargs -P 4 -I NAME sh -c '
    "$POSTMEND" livetest --engine postfix --postfix-root "$tree" --platform debian12 \
        --format json "$cases/NAME/plan.yaml" 2>"$cases/NAME/errors" |
        grep -A 2 "\"step\": \"RCPT" | sed -n "s/.*\"answered\": \"\(.*\)\",/\1/p" >"$cases/NAME/real"'

# relays_as NAME WANTED - rule and smtpd say so
relays_as() {
    real=$(cat "$cases/$1/real")
    case $real in
    2*) did=yes ;;
    4* | 5*) did=no ;;
    *) did="nothing: $(head -n 1 "$cases/$1/errors")" ;;
    esac
    rule=$(said "$1")
    [ "$rule" = "$2" ] && [ "$did" = "$2" ] && return
    echo "# $1: wanted $2, the rule says $rule, smtpd relays: $did ($real)"
    return 1
}

while read -r name wanted; do
    check "$name" relays_as "$name" "$wanted"
done <"$cases/list"
echo "open-relay: $(grep -c "yes$" "$cases/list") relays and $(grep -c "no$" "$cases/list") look-alikes"
finish open-relay
