# what the live tests share; source it from the project's top
# shellcheck shell=sh disable=SC2034
. tests/lib.sh

# begin_live NAME PROGRAM... - skips the test where a program is missing; makes $work with a CA's
# certificate for this machine's loopback in it, and $conf, a configuration that uses it
begin_live() {
    test_name=$1
    shift
    for program in openssl "$@"; do
        command -v "$program" >/dev/null 2>&1 || skip "$test_name: $program is missing"
    done
    work=$(mktemp -d) || exit 2
    conf=$work/postfix
    server=
    trap end_live EXIT
    trap 'exit 2' INT TERM HUP
    mkdir "$conf"
    make_certificate 2>"$work/openssl.err" || {
        cat "$work/openssl.err"
        exit 2
    }
}

end_live() {
    stop_server
    rm -rf "$work"
}

# make_certificate - $work/ca.pem signs $conf/mail.pem, which smtpd_tls_chain_files can name
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj '/CN=Test CA' -keyout "$work/ca.key" -out "$work/ca.pem" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -subj /CN=mail.example.com -keyout "$work/mail.key" -out "$work/mail.csr" &&
        printf 'subjectAltName=DNS:mail.example.com,DNS:localhost,IP:127.0.0.1\n' \
            >"$work/names" &&
        openssl x509 -req -in "$work/mail.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -days 2 -extfile "$work/names" -out "$work/mail.crt" &&
        cat "$work/mail.key" "$work/mail.crt" >"$conf/mail.pem"
}

# start_server - "postmend serve" of $conf, with mail to $work/mail and $serve_options, on ports that
# are free: each service listens at $base plus its own port
start_server() {
    base=$((20000 + $$ % 20000))
    for try in 1 2 3 4 5 6 7 8; do
        : >"$work/serve.out"
        # shellcheck disable=SC2086 # several options
        $POSTMEND serve --platform debian12 --base-port "$base" --maildir "$work/mail" \
            --logins "$work/logins" --assume recipient=exists --assume dns=ok \
            ${serve_options:-} "$conf" \
            >"$work/serve.out" 2>"$work/serve.log" &
        server=$!
        for tick in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ ! -s "$work/serve.out" ] || return 0
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        stop_server
        base=$((base + 1117))
    done
    echo "postmend serve did not start:"
    cat "$work/serve.log"
    exit 2
}

stop_server() {
    [ -z "$server" ] || {
        kill "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    }
    server=
}

# arrived WORD - the file in the maildir that holds WORD; it is there when the client has its 250
arrived() {
    grep -l -r -e "$1" "$work/mail/new" 2>/dev/null | head -n 1
}

# has FILE TEXT - is the text in the file?  Shows the file where it is not
has() {
    grep -q -F -e "$2" "$1" && return
    echo "    \"$2\" is not in:"
    sed 's/^/    /' "$1"
    return 1
}
