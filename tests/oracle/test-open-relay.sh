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
python3 tests/oracle/dns.py >"$work/dns" &
listeners="$listeners $!"
for release in $releases; do
    rm -f "$roots/$release/etc/resolv.conf"
    echo 'nameserver 127.0.0.1' >"$roots/$release/etc/resolv.conf"
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q ready "$work/dns" && break
    sleep 0.2
done
check 'the name server is there' grep -q ready "$work/dns"

# said NAME RELEASE - does the rule have a finding?
said() {
    if $POSTMEND lint --platform "$(platform_of "$2")" "$cases/$1" 2>/dev/null |
        grep -q '\[open-relay\]'; then
        echo yes
    else
        echo no
    fi
}

# ask RELEASE - what its smtpd answers to RCPT TO, into NAME/RELEASE
ask() {
    # shellcheck disable=SC2016 # the inner shell's own
    cut -d' ' -f1 "$cases/list" | TREE=$roots/$1 PLATFORM=$(platform_of "$1") RELEASE=$1 \
        CASES=$cases xargs -P 4 -I NAME sh -c '
            "$POSTMEND" livetest --engine postfix --postfix-root "$TREE" --platform "$PLATFORM" \
                --format json "$CASES/NAME/plan.yaml" 2>"$CASES/NAME/$RELEASE.errors" |
                grep -A 2 "\"step\": \"RCPT" |
                sed -n "s/.*\"answered\": \"\(.*\)\",/\1/p" >"$CASES/NAME/$RELEASE"'
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
    ask "$release"
    while read -r name wanted; do
        check "$release: $name" relays_as "$name" "$wanted" "$release"
    done <"$cases/list"
done
echo "open-relay: $(grep -c "yes$" "$cases/list") relays and $(grep -c "no$" "$cases/list") look-alikes, $releases"
finish open-relay
