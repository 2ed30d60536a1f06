#!/bin/sh
# The private Postfix of "livetest --engine postfix" does not touch the one of the machine
#
# A Postfix runs with a queue, and sends what it gets to a host behind an interface whose packets are
# counted.  Live tests run beside it, with configurations that lead to it in many ways.  Its queue and
# its log must stay as they are, no packet may leave, and nothing may be left, whoever is killed.
set -u
. tests/oracle/lib.sh
heavy
begin_oracle private

# begin_interface - leak, which has no other packets than those that Postfix sends
begin_interface() {
    ip link add leak type veth peer name sink || return
    for name in leak sink; do
        [ ! -d "/proc/sys/net/ipv6/conf/$name" ] || echo 1 >"/proc/sys/net/ipv6/conf/$name/disable_ipv6"
        ip link set "$name" up
    done
    ip address add 192.0.2.1/24 dev leak
}

[ "$(stat -f -c %T "$roots/bookworm")" = overlayfs ] ||
    skip "private: the trees are not views of their own (tests/oracle/private.sh)"
mkdir "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR
begin_interface 2>/dev/null || skip "private: this machine has no pairs of interfaces (veth)"

# --- the Postfix of the machine ----------------------------------------------------------------------

# begin_machine RELEASE
begin_machine() {
    tree=$roots/$1
    mkdir -p "$tree/dev" "$tree/proc"
    for device in null urandom; do
        [ -e "$tree/dev/$device" ] || { : >"$tree/dev/$device" && mount --bind "/dev/$device" "$tree/dev/$device"; }
    done
    cat >"$tree/etc/postfix/main.cf" <<-'EOF'
	compatibility_level = 2
	myhostname = live.example.com
	mydestination = live.example.com
	inet_interfaces = 127.0.0.1
	inet_protocols = ipv4
	relayhost = [192.0.2.99]
	maillog_file = /var/log/live.log
	local_recipient_maps =
	EOF
    cat >"$tree/etc/postfix/master.cf" <<-'EOF'
	2525 inet n - n - - smtpd
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	showq unix n - n - - showq
	error unix - - n - - error
	retry unix - - n - - error
	local unix - n n - - local
	anvil unix - - n - 1 anvil
	postlog unix-dgram n - n - 1 postlogd
	EOF
    mkdir -p "$tree/var/log" "$tree/run/postfix"
    chroot "$tree" postfix check 2>/dev/null
    chroot "$tree" /usr/lib/postfix/sbin/master -w 2>"$work/master.err" ||
        { cat "$work/master.err"; echo "not ok - the Postfix of the machine starts"; exit 1; }
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ! grep -q 'daemon started' "$tree/var/log/live.log" || break
        sleep 0.5
    done
    listeners="$listeners $(tr -d ' ' <"$tree/var/spool/postfix/pid/master.pid")"
}

end_machine() {
    kill "$(tr -d ' ' <"$tree/var/spool/postfix/pid/master.pid")"
    sleep 1
}

packets() {
    awk '$1 == "leak:" { print $11 }' /proc/net/dev
}

# state - its queue, its log without start and stop, its process, and the packets that left
state() {
    (cd "$tree/var/spool/postfix" &&
        find maildrop incoming active deferred defer hold corrupt bounce trace saved -type f | sort)
    cat "$tree/var/log/live.log"
    cat "$tree/var/spool/postfix/pid/master.pid"
    find "$tree/var/spool/postfix/public" "$tree/var/spool/postfix/private" "$tree/var/lib/postfix" \
        -printf '%p %i %m %u\n' | sort
    packets
}

# it_leaks - what this test watches does change: the machine's own mail is seen
it_leaks() {
    printf 'Subject: x\n\nx\n' | chroot "$tree" /usr/sbin/sendmail -f a@live.example.com b@example.org
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        [ "$(packets)" -gt "$before" ] && break
        sleep 1
    done
    [ "$(packets)" -gt "$before" ] && grep -q 'to=<b@example.org>\|from=<a@live' "$tree/var/log/live.log"
}

# --- the ways that lead to it ------------------------------------------------------------------------

spool=/var/spool/postfix
up=../../../../../../../..

# begin_way NAME - a directory $way with a usual configuration, to which a way adds something
begin_way() {
    way=$work/ways/$1
    mkdir -p "$way"
    cat >"$way/main.cf" <<-'EOF'
	compatibility_level = 2
	myhostname = mail.example.com
	mydestination = example.com
	mynetworks = 127.0.0.0/8
	local_recipient_maps =
	smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
	EOF
    sed 's/^2525 .*/smtp inet n - n - - smtpd/' "$tree/etc/postfix/master.cf" >"$way/master.cf"
    cat >"$way/plan.yaml" <<-'EOF'
	postmend plan: 1
	sessions:
	  - ask: mail for another domain
	    kind: network
	    service: smtp
	    port: 25
	    tls: none
	    client: 127.0.0.1
	    steps:
	      - {do: greeting, expect: "220"}
	      - {send: "EHLO x.example", expect: "250"}
	      - {send: "MAIL FROM:<a@example.com>", expect: 250 2.1.0}
	      - {send: "RCPT TO:<b@example.org>", expect: 250 2.1.5}
	      - {send: DATA, expect: "354"}
	      - {message: "Subject: x\nMessage-ID: <1@example.com>\n\ny\n", expect: 250 2.0.0}
	      - {send: "QUIT", expect: 221 2.0.0}
	EOF
}

# smtpd_with ARGUMENTS - the service that listens has them
smtpd_with() {
    sed -i "s|^smtp inet.*|& $1|" "$way/master.cf"
}

# make_ways - all of them, below $work/ways
make_ways() {
    begin_way 01-option-in-braces
    smtpd_with "{ -o queue_directory=$spool }"
    begin_way 02-name-of-cleanup
    echo "cleanup_service_name = $up$spool/public/cleanup" >>"$way/main.cf"
    begin_way 03-second-qmgr
    echo "qmgr2 unix n - n 1 1 qmgr { -o queue_directory=$spool }" >>"$way/master.cf"
    begin_way 04-option-in-one-word
    smtpd_with "-oqueue_directory=$spool"
    begin_way 05-option-after-another
    smtpd_with "-vo queue_directory=$spool"
    begin_way 06-value-in-braces
    smtpd_with "-o { queue_directory = $spool }"
    begin_way 07-queue-in-main
    echo "queue_directory = $spool" >>"$way/main.cf"
    begin_way 08-command-is-a-path
    sed -i "s|^cleanup .*|& -o queue_directory=$spool|; s|0 cleanup|0 $up/usr/lib/postfix/sbin/cleanup|" \
        "$way/master.cf"
    begin_way 09-service-is-a-path
    echo "$up$spool/public/cleanup unix n - n - 0 cleanup" >>"$way/master.cf"
    begin_way 10-transport-is-a-path
    echo "default_transport = $up$spool/private/smtp:[192.0.2.99]" >>"$way/main.cf"
    begin_way 11-filters
    echo 'smtpd_proxy_filter = 127.0.0.1:2525' >>"$way/main.cf"
    echo 'content_filter = smtp:[127.0.0.1]:2525' >>"$way/main.cf"
    begin_way 12-policy-server-submits
    smtpd_with "-o smtpd_client_restrictions=check_policy_service,unix:private/policy"
    cat >"$way/submit" <<-'EOF'
	#!/bin/sh
	echo x | /usr/sbin/sendmail -C /etc/postfix -f a@live.example.com b@example.org
	echo x | /usr/sbin/postdrop -c /etc/postfix
	kill -9 -1
	EOF
    chmod +x "$way/submit"
    echo 'policy unix - n n - 0 spawn user=postfix argv=/bin/sh /etc/postfix/submit' >>"$way/master.cf"
    begin_way 13-milter-is-a-socket
    echo "smtpd_milters = unix:$spool/public/cleanup" >>"$way/main.cf"
    echo "smtpd_client_restrictions = check_policy_service unix:$spool/private/rewrite" >>"$way/main.cf"
    begin_way 14-names-of-others
    for name in rewrite bounce defer error queue pickup showq flush trace verify; do
        echo "${name}_service_name = $up$spool/private/$name"
    done >>"$way/main.cf"
    begin_way 15-macros
    echo "there = $up$spool" >>"$way/main.cf"
    # shellcheck disable=SC2016 # the name is Postfix's
    smtpd_with '{-o{cleanup_service_name=$there/public/cleanup}} -o cleanup_service_name=$there/public/cleanup'
    begin_way 16-other-instances
    cat >>"$way/main.cf" <<-'EOF'
	multi_instance_directories = /etc/postfix
	multi_instance_enable = yes
	import_environment = MAIL_CONFIG=/etc/postfix
	data_directory = /var/lib/postfix
	address_verify_map = btree:/var/lib/postfix/verify
	smtpd_recipient_restrictions = reject_unverified_recipient
	EOF
}

# livetest DIRECTORY - the real Postfix, with the plan of the way
livetest() {
    timeout 60 "$POSTMEND" livetest -v --engine postfix --postfix-root "$tree" \
        --platform "$(platform_of "$release")" "$1/plan.yaml" >"$1/out" 2>"$1/err"
    echo $? >"$1/status"
    [ "$(cat "$1/status")" -ne 124 ]
}

# harmless DIRECTORY
harmless() {
    state >"$work/before"
    livetest "$1" || return
    sleep 0.3
    state >"$work/after"
    diff "$work/before" "$work/after" && return
    cat "$1/err"
    return 1
}

# --- what is left ------------------------------------------------------------------------------------

# nothing_left - no process and no directory
nothing_left() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        left=$(pgrep -f -- '-c /livetest/config'; find "$TMPDIR" "$tree" -maxdepth 2 -name '*livetest*')
        [ -n "$left" ] || return 0
        sleep 0.2
    done
    echo "$left"
    return 1
}

# begin_run - a live test that goes on for a while, $run, and its first process inside, $keeper
begin_run() {
    begin_way slow
    smtpd_with '-o smtpd_client_restrictions=sleep,20'
    "$POSTMEND" livetest --engine postfix --postfix-root "$tree" --platform debian12 \
        "$way/plan.yaml" >/dev/null 2>"$work/run.err" &
    run=$!
    for _ in $(seq 100); do
        keeper=$(pgrep -P "$run")
        [ -z "$keeper" ] || ! pgrep -f -- '-c /livetest/config' >/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# killed WHO
killed() {
    begin_run || return
    case $1 in
    run) kill -KILL "$run" ;;
    keeper) kill -KILL "$keeper" ;;
    stopped) kill -STOP "$keeper"; kill -KILL "$run" ;;
    master) kill -KILL "$(pgrep -o -f --ns "$(pgrep -P "$keeper" | head -n 1)" --nslist pid -- 'master -c /livetest/config')" ;;
    esac
    wait "$run" 2>/dev/null
    nothing_left
}

# --- what is said ------------------------------------------------------------------------------------

says() {
    grep -q -e "$2" "$work/ways/$1/out" "$work/ways/$1/err" && return
    cat "$work/ways/$1/out" "$work/ways/$1/err"
    return 1
}

# missing_service - a configuration whose smtpd waits for what master.cf does not have: at once, and why
missing_service() {
    begin_way missing
    sed -i '/^rewrite/d' "$way/master.cf"
    begin=$(date +%s)
    livetest "$way"
    [ "$(cat "$way/status")" -eq 2 ] && [ $(($(date +%s) - begin)) -lt 15 ] &&
        grep -q 'connect #1 to subsystem private/rewrite' "$way/err" && return
    cat "$way/out" "$way/err"
    return 1
}

no_postconf() {
    mkdir -p "$work/empty/etc" "$work/empty/tmp"
    "$POSTMEND" livetest --engine postfix --postfix-root "$1" --platform debian12 "$work/ways/01-option-in-braces" \
        >/dev/null 2>"$work/err"
    [ $? -eq 2 ] && grep -q -e "$2" "$work/err" && return
    cat "$work/err"
    return 1
}

relative_root() {
    begin_way relative
    # shellcheck disable=SC2164 # the check says so
    (cd "$tree/usr" && "$POSTMEND" livetest --engine postfix --postfix-root .. --platform debian12 \
        "$way/plan.yaml" >"$way/out" 2>"$way/err") && return
    cat "$way/out" "$way/err"
    return 1
}

no_namespaces() {
    setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$POSTMEND" livetest --engine postfix \
        --postfix-root "$tree" --platform debian12 "$work/ways/01-option-in-braces" >/dev/null 2>"$work/err"
    [ $? -eq 2 ] && grep -q 'namespaces' "$work/err" && return
    cat "$work/err"
    return 1
}

for release in $releases; do
    begin_machine "$release"
    make_ways
    for directory in "$work"/ways/[0-9]*; do
        check "$release: $(basename "$directory")" harmless "$directory"
    done
    check "$release: the usual configuration is as expected" says 04-option-in-one-word '1 as expected'
    check "$release: a filter that is left out is said" says 11-filters 'smtpd_proxy_filter 127.0.0.1:2525'
    check "$release: a milter that is left out is said" says 13-milter-is-a-socket "milter unix:$spool/public/cleanup"
    check "$release: a policy server that is left out is said" says 13-milter-is-a-socket \
        "policy server unix:$spool/private/rewrite"
    check "$release: a name that is a path is said" says 02-name-of-cleanup 'cleanup_service_name = '
    check "$release: what is missing ends the test" missing_service
    check "$release: a relative --postfix-root" relative_root
    for who in run keeper stopped master; do
        check "$release: nothing is left when it is killed: $who" killed "$who"
    done
    before=$(packets)
    check "$release: this test sees mail that leaves" it_leaks
    end_machine
    rm -rf "$work/ways"
done
begin_way 01-option-in-braces
check 'a directory without Postfix' no_postconf "$work/empty" 'postconf'
check 'no directory' no_postconf "$work/nothing" 'No such file'
check 'no namespaces' no_namespaces
finish private
