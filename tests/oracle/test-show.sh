#!/bin/sh
# postmend show prints what the real postconf prints: the stories, texts made to be misread, and odd
# configurations made at random; of the latter, ORACLE_SLICE=K/N takes the K-th of N parts
# shellcheck disable=SC2016,SC2317 # dollars are Postfix's here; check calls functions by their names
set -u
. tests/oracle/lib.sh
releases="$releases sid"
begin_oracle show
. tests/oracle/show.sh

# refusal_known RELEASE STORY yes|no - lint has an error where some view was refused, and an error
# of syntax nowhere else; of the stories daemon-* postconf stops at none, but the daemons do
refusal_known() {
    if lint_errors "$1" "$here/$2" syntax; then
        case $3$2 in
        yes* | nodaemon-*) return 0 ;;
        esac
        echo "    lint sees an error, postconf sees none"
        return 1
    fi
    [ "$3" = no ] && return 0
    lint_errors "$1" "$here/$2" bad-value && return 0
    grep -h 'fatal' "$work/real/$1.$2".*.err | sort -u | head -n 3
    return 1
}

stories=
views='n n,x M P F M,x'

# --- the stories, in all their views
for folder in fixtures/*/; do
    [ -f "$folder/in/main.cf" ] || continue # one of Sendmail's
    story=$(basename "$folder")
    put "$folder/in" "$story"
    stories="$stories $story"
done
whole_stories=$stories

# --- texts made to be misread
smtp='smtp inet n - n - - smtpd\n'

# tricky NAME MAIN_CF MASTER_CF - in the words of printf %b
tricky() {
    mkdir "$work/$1"
    printf '%b' "$2" >"$work/$1/main.cf"
    printf '%b' "${3:-$smtp}" >"$work/$1/master.cf"
    put "$work/$1" "$1"
    stories="$stories $1"
}

m='myhostname = a.example.com\nmyorigin = '
tricky dollars "${m}\$\$ \$\$x \$\$\$myhostname \$\$\$\$\n"
tricky plain-names "${m}\$myhostname \${myhostname} \$(myhostname) x\$myhostname.y\n"
tricky condition "${m}\${myhostname?yes \$mydomain} \${myhostname:no} \${nothing?yes} \${nothing:no}\n"
tricky condition-old-parens "${m}\$(myhostname?yes) \$(nothing:no)\n"
tricky condition-braces "${m}\${myhostname?{yes}:{no}} \${nothing?{yes}:{no}} \${myhostname? {a} : {b} }\n"
tricky condition-spaces "${m}\${myhostname ?{yes}:{no}} \${ myhostname ?{yes}} \${nothing:{no} }\n"
tricky condition-nested "${m}\${myhostname?{\${nothing?{a}:{\${mydomain?{b}:{c}}}}}:{d}}\n"
for row in eq:== ne:!= lt:'<' le:'<=' gt:'>' ge:'>='; do
    operator=${row#*:}
    tricky "compare-text-${row%:*}" "${m}\${{\$myhostname} $operator {b.example.com}?{yes}:{no}}\n"
    tricky "compare-number-${row%:*}" "${m}\${{10} $operator {9}?{yes}:{no}} \${{9}$operator{9}?{yes}} \${{x9} $operator {y}:{no}}\n"
done
for row in lt:'<level' le:'<=level' gt:'>level' ge:'>=level' eq:==level ne:!=level; do
    operator=${row#*:}
    tricky "compare-level-${row%:*}" "compatibility_level = 3.6\n${m}\${{\$compatibility_level} $operator {3.10}?{yes}:{no}} \${{3.6} $operator {3.6}?{yes}:{no}}\n"
done
tricky compare-unknown "${m}\${{a} ~ {b}?{yes}:{no}}\n"
tricky compare-half "${m}\${{a} == }\n"
tricky compare-unclosed "${m}\${{a} == {b}?{yes\n"
tricky unclosed "${m}\${myhostname\n"
tricky unclosed-paren "${m}\$(myhostname\n"
tricky empty-name "${m}\${} x\n"
tricky lone-dollar "${m}a \$ b\n"
tricky dollar-at-end "${m}a \$\n"
tricky odd-name "${m}\${my-hostname} \$my-hostname\n"
tricky brace-text "${m}{ a { b } c } } {\n"
tricky loop 'myorigin = $mydomain\nmydomain = $myorigin\n'
tricky own-name 'myorigin = x $myorigin\n'
tricky user-names 'abc = 1\nxyz = $abc\nmyorigin = $xyz $not_there\nunused = 2\n'
tricky read-only 'mail_version = 9\nmyorigin = $mail_version\nprocess_name = x\n'
tricky classes 'smtpd_restriction_classes = one, two\none = permit\ntwo = $one\nthree = reject\n'
tricky old-tables 'virtual_alias_maps = ldap:acc, mysql:db\nacc_server_host = h\nacc_search_base = b\ndb_user = u\ndb_nothing = n\n'
tricky legacy 'virtual_maps = hash:/x\nauthorized_verp_clients = y\nxxx_destination_rate_delay = 1s\n'
tricky service-names 'slow_destination_rate_delay = 1s\nslow_time_limit = 5\npol_time_limit = 6\nsmtp_destination_recipient_limit = 3\n' \
    "${smtp}slow unix - - n - - smtp\npol unix - n n - - spawn user=x argv=/y\n"
tricky twice 'myorigin = 1\nmyorigin = 2\nMyorigin = 3\n'
tricky spaces '   \nmyorigin   =    a    b  \t c  \nmydomain=x\n  goes on\n\n  and on\n#  comment\n  here too\n'
tricky stray-first '  stray = 1\n  more\nmyorigin = a\n'
tricky comments '# a\nmyorigin = a # b\n #c\n  d\n\t# e\n  f\n'
tricky comment-splits 'smtpd_recipient_restrictions =\n    permit_mynetworks,\n# one\n    reject\n#two\nmyorigin = x\n'
tricky equals 'myorigin = a=b = c\n= d\n'
tricky no-equals 'myorigin\n'
tricky name-with-blank 'my origin = x\n'
tricky braces-in-name '{a} = b\n'
tricky empty-values 'myorigin =\nrelayhost=\nmynetworks = \n\n   \nmydestination =   \n  #x\n'
tricky crlf 'myorigin = a\r\nmydestination = b,\r\n  c\r\n# d\r\n\r\nrelayhost =\r\n' "smtp inet n - n - - smtpd\\r\\n  -o a=b\\r\\n"
tricky lone-cr 'myorigin = a\rb\n\rmydomain = c\n'
tricky nul 'myorigin = a\0000b\nmydomain = c\n'
tricky nul-at-start '\0000myorigin = a\nmydomain = c\n'
tricky form-feed 'myorigin = a\fb\vc\n\fmydomain = c\n'
tricky latin1 'myorigin = \0344\0366 \0240x\nmyd\0366main = c\n'
tricky utf8 'myorigin = \0303\0244 x\n\0357\0273\0277mydomain = c\n'
tricky no-newline 'myorigin = a\nmydomain = b'
tricky no-newline-blank 'myorigin = a\n  '
tricky only-comment '# nothing\n'
tricky legacy-option 'myorigin = a\n' "smtp inet n - n - - smtpd -o virtual_maps=hash:/x\n"
tricky loop-through-option 'myorigin = a\n' "smtp inet n - n - - smtpd -o mydomain=\$own -o own=\$mydomain\n"
tricky empty '' ''
tricky long-value "myorigin = $(awk 'BEGIN { for (i = 0; i < 5000; i++) printf "word%d ", i }')\n"
tricky time-units 'maximal_queue_lifetime = 5d\nqueue_run_delay = 300\nbad = $maximal_queue_lifetime\n'
tricky level-old 'compatibility_level = 0\n'
tricky level-2 'compatibility_level = 2\n'
tricky level-36 'compatibility_level = 3.6\n'
tricky level-99 'compatibility_level = 99\n'
tricky level-bad 'compatibility_level = new\n'
tricky raw-types 'smtpd_reject_footer = \\\\c $x $$ {\ndebugger_command = $process_name $process_id\nbounce_template_file = $config_directory/b\nforward_path = $home/.forward${recipient_delimiter}${extension}, $home/.forward\nmailbox_command = /x $USER ${EXTENSION}\ndefault_rbl_reply = $rbl_code ${rbl_reason?; $rbl_reason}\n'
tricky multi 'multi_instance_name = postfix-x\nsyslog_name = ${multi_instance_name?{$multi_instance_name}:{postfix}}\n'

# --- master.cf
x='myorigin = a\n'
tricky options "$x" "smtp inet n - n - - smtpd -v -o a=b -vv -D -o c=d\n"
tricky option-joined "$x" "smtp inet n - n - - smtpd -vo a=b\n"
tricky option-braces "$x" "smtp inet n - n - - smtpd -o { a = b c  d } -o{x=y} -o {z=}\n"
tricky option-braces-lines "$x" "smtp inet n - n - - smtpd -o { smtpd_relay_restrictions = permit_mynetworks,\n    reject }\n#x\n  -o y=z\n"
tricky option-empty "$x" "smtp inet n - n - - smtpd -o a= -o myorigin=\n"
tricky daemon-option-no-equals "$x" "smtp inet n - n - - smtpd -o a -o b=c\n"
tricky daemon-option-last "$x" "smtp inet n - n - - smtpd -o\n"
tricky daemon-option-spaces "$x" "smtp inet n - n - - smtpd -o a = b -o c=d\n"
tricky daemon-option-in-braces "$x" "smtp inet n - n - - smtpd { -o a=b } -o c=d { -v }\nx inet n - n - - smtpd {-v} {-o { a = b }} -o c=\$mail_name\n"
tricky option-joined-name "$x" "smtp inet n - n - - smtpd -osyslog_name=bar -v -o{a=b}\n"
tricky option-expanded "$x" "smtp inet n - n - - smtpd -o myorigin=\$mydomain -o syslog_name=postfix/\$service_name/\$process_name -o x=\$\$y\n"
tricky option-twice "$x" "smtp inet n - n - - smtpd -o myorigin=1 -o myorigin=2\n"
tricky option-user "abc = 1\n$x" "smtp inet n - n - - smtpd -o myorigin=\$abc\nslow unix - - n - - smtp -o xyz=3 -o relayhost=\$xyz\n"
tricky arguments "$x" "p unix - n n - - pipe flags=R user=x argv=/a/b -f \$sender - {two words} {} {{a}}\n"
tricky arguments-options "$x" "p unix - n n - - pipe -o a=b flags=R user=x argv=/a -o c=d\n"
# a lone "-" before -o makes postconf of sid print what lies in its memory
tricky dashes "$x" "smtp inet n - n - - smtpd -- -o a=b\n"
tricky ports "$x" "127.0.0.1:25 inet n - n - - smtpd\n[::1]:smtp inet n - n - - smtpd\n[fe80::1]:587 inet n - n - - smtpd\nlocalhost:10025 inet n - n - - smtpd\n*:2525 inet n - n - - smtpd\n:26 inet n - n - - smtpd\n"
tricky services-twice "$x" "smtp inet n - n - - smtpd -o a=1\nsmtp inet n - n - - smtpd -o b=2\nsmtp unix - - n - - smtp -o c=3\n"
tricky services-twice-names "$x" "smtp inet n - n - - smtpd -o a=1 -o myorigin=x\nsmtp inet n - n - - smtpd -o a=2\n"
tricky fields-few "$x" "smtp inet n - n - -\n"
tricky fields-type "$x" "smtp tcp n - n - - smtpd\n"
tricky fields-bad "$x" "smtp inet x - n - - smtpd\n"
tricky fields-chroot "$x" "smtp inet n - Y - - smtpd\n"
tricky fields-wakeup "$x" "qmgr unix n - n 300? 1 qmgr\nflush unix n - n 1000? 0 flush\npickup unix n - n 60x 1 pickup\n"
tricky fields-process "$x" "smtp inet n - n - many smtpd\n"
tricky daemon-fields-inet-private "$x" "smtp inet y - n - - smtpd\n"
tricky fields-more-types "$x" "a fifo n - n - - pickup\nb pass - - n - - smtpd\nc unix-dgram n - n - 1 postlogd\n"
tricky master-wide "$x" "a-very-long-service-name-indeed unix - - n - - smtp -o a=b\nx                    inet n - n - - smtpd\n"
tricky master-tabs "$x" "smtp\tinet\tn\t-\tn\t-\t-\tsmtpd\n\t-o\ta=b\n"
tricky master-comments "$x" "# first\nsmtp inet n - n - - smtpd\n  # inside\n# in the first column\n  -o a=b\n\n  -o c=d\n#end\n"
tricky master-stray "$x" "  -o a=b\nsmtp inet n - n - - smtpd\n"
tricky master-no-newline "$x" "smtp inet n - n - - smtpd\n  -o a=b"
tricky master-nul "$x" "smtp inet n - n - - smtpd -o a=b\\0000c\nx unix - - n - - smtp\n"
tricky master-path "$x" "smtp inet n - n - - /usr/lib/postfix/smtpd -o a=b\ny unix - n n - - ../x/pipe user=a argv=b\n"
tricky daemon-master-braces-open "$x" "smtp inet n - n - - smtpd -o { a = b\n"
tricky daemon-master-braces-after "$x" "smtp inet n - n - - smtpd -o {a=b}c\n"
tricky master-quotes "$x" "smtp inet n - n - - smtpd -o a=\"b c\" -o 'd=e f'\n"

# --- what the real one says, then ours
# views_of STORY - as words; the letters of one view by commas, "all" for none
views_of() {
    echo "$views"
    case " $whole_stories " in
    *" $1 "*) echo "all x d d,x" ;;
    esac
}

share_all
for story in $stories; do
    for release in $releases; do
        for view in $(views_of "$story"); do
            echo "$release.$story.$view $release -c $here/$story$(letters_of "$view")"
        done
    done
done >"$work/list"
run_real "$work/list"
for story in $stories; do
    if machine_says "trixie.$story.n"; then
        echo "left out: $story, which names an address that this machine has not"
        continue
    fi
    for release in $releases; do
        refused=no
        for view in $(views_of "$story"); do
            if [ "$(cat "$work/real/$release.$story.$view.status")" -ne 0 ]; then
                refused=yes
                continue
            fi
            # shellcheck disable=SC2046 # letters are words
            check "$story on $release: $view" \
                same "$release.$story.$view" "$release" "$here/$story" $(letters_of "$view")
        done
        check "$story on $release: lint knows whether Postfix stops" \
            refusal_known "$release" "$story" $refused
    done
done

# --- odd configurations, and fatal errors too
# odd_files_agree - on all releases, in all views
odd_files_agree() {
    pairs=
    for release in $releases; do
        pairs="$pairs $release=$(platform_of "$release")"
    done
    # shellcheck disable=SC2086 # a list
    POSTMEND=$POSTMEND ORACLE_ROOTS=$roots python3 tests/oracle/show_odd.py \
        --slice "${ORACLE_SLICE:-1/1}" "$here" $pairs
}

check 'odd configurations: every view of every release' odd_files_agree
finish show
