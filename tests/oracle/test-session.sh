#!/bin/sh
# test-session.sh - session.c gives the replies that the real smtpd gives: the dialogues of
# session_dialogues.py, word for word
set -u
. tests/oracle/lib.sh
heavy
begin_oracle session
command -v openssl >/dev/null || skip "session: openssl is missing"
program=${B:-build}/oracle/session
[ -x "$program" ] || make -s B="${B:-build}" "$program" >/dev/null 2>&1
[ -x "$program" ] || skip "session: $program can't be built"

export PYTHONPATH=tests/oracle PYTHONDONTWRITEBYTECODE=1
for release in $releases; do
    check "the real smtpd of $release says the same" \
        python3 tests/oracle/session_ask.py "$roots/$release" "$release" \
        "$(platform_of "$release")" "$here" "$program" "$work/table"
    rm -rf "${here:?}/conf"
done
# agreement by kind, over all releases
sort "$work/table" | awk -F'|' '
    function row(kind, d, r, c, s) {
        printf "%-34s %9s %8s %11.2f%% %9.2f%%\n", kind, d, r, 100 * c / r, 100 * s / r
    }
    function end_kind() {
        if (kind != "")
            row(kind, d, r, c, s)
        all_d += d; all_r += r; all_c += c; all_s += s
        d = r = c = s = 0
    }
    BEGIN {
        printf "%-34s %9s %8s %12s %10s\n", "kind", "dialogues", "replies", "same codes", "same text"
    }
    $1 != kind { end_kind(); kind = $1 }
    { d += $2; r += $3; c += $4; s += $5 }
    END { end_kind(); row("all", all_d, all_r, all_c, all_s) }'
finish session
