#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# tables and files of patterns in a copy of the directory, and in the one that Postfix itself reads
set -u
. tests/golden/cli/lib.sh

dir=$work/etc
mkdir -p "$dir"
cat >"$dir/main.cf" <<END
compatibility_level = 3.6
virtual_alias_maps = hash:$dir/virtual
alias_maps = hash:$dir/aliases
mynetworks = 127.0.0.0/8, $dir/networks
header_checks = regexp:$dir/headers
transport_maps = mysql:$dir/transport.cf
relay_domains = $dir/domains
smtp_tls_security_level = may
END
echo 'a@example.com b' >"$dir/virtual"
echo 'a: b' >"$dir/aliases"
printf '192.0.2.0/28\n192.168.1.1/24\n' >"$dir/domains"
cat >"$work/platform.yaml" <<END
platforms:
  - name: own
    like: debian12
    title: our own
    source: this test
    config_directory: $dir
END

# in_place - lint of the directory that the platform's Postfix reads
in_place() {
    ends_with 1 lint --platform "$work/platform.yaml" "$dir"
}
check "what the live directory lacks is an error" in_place
for missing in virtual.db aliases.db networks headers; do
    check "... $missing" says "error: $dir/$missing does not exist"
done
check "... transport.cf" says "error: the settings file of this mysql table does not exist"
check "... an indexed table has to be built" says "run: postmap hash:$dir/virtual"
check "... and aliases" says "run: newaliases"

mkdir "$work/copy"
sed "s|$dir/|/etc/postfix/|" "$dir/main.cf" >"$work/copy/main.cf"
cp "$dir/virtual" "$dir/aliases" "$work/copy"
check "what a copy lacks is not known" ends_with 0 lint --platform debian12 "$work/copy"
for missing in networks headers domains; do
    check "... $missing" says "the directory does not contain /etc/postfix/$missing"
done

printf '# ours\n192.0.2.0/28\n192.168.1.1/24 [2001:db8::]/32\n' >"$work/copy/networks"
printf 'example.org\nexample.net;\nlocalhost hsh:/etc/postfix/more\n' >"$work/copy/domains"
printf '/^Subject: (a/ REJECT\n/b/ REJCT\n' >"$work/copy/headers"
check "what is wrong in a file has its line" ends_with 1 lint --platform debian12 "$work/copy"
check "... a network" says "copy/networks:3:1: error: \"192.168.1.1/24\" is not a network"
check "... a domain" says "copy/domains:2:1: warning: \"example.net;\" has a semicolon"
check "... a table in it" says "copy/domains:3:1: error: \"hsh:/etc/postfix/more\" has a type"
check "... a pattern" says "copy/headers:1:1: warning: this line has an invalid pattern"

lists_alone() {
    ends_with 1 lint --platform debian12 "$work/copy/networks" &&
        says "copy/networks:3:1: error: \"192.168.1.1/24\" is not a network" &&
        ! says "copy/domains"
}
check "a file that a list of main.cf names is recognized, and checked alone" lists_alone
all_files() {
    ends_with 1 lint --platform debian12 "$work/copy"/* && ! grep -q "not recognized" "$work/err"
}
check "... also among all files of the directory" all_files
echo 'x y' >"$work/copy/other"
no_list() {
    ends_with 2 lint --platform debian12 "$work/copy/other" &&
        grep -q "names no such file in a lookup table or a list" "$work/err"
}
check "... one that main.cf does not name is not guessed at" no_list
finish tables
