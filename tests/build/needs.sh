#!/bin/sh
# .ci/needs and make: who installs packages, and what is printed where nobody may
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/build/lib.sh

make_compiler gcc
make_compiler cc
make_tree
managed=$work/managed

# script NAME - a program of the lines on standard input
script() {
    { echo '#!/bin/sh' && cat; } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# a Debian without libyaml and libevent, whose package manager notes what it is told
cat >"$work/pkg-config" <<'END'
for argument; do
    case $argument in
    yaml-0.1 | libevent_openssl) [ -e "$STATE/installed" ] || exit 1 ;;
    esac
done
END
script pkg-config <"$work/pkg-config"
script apt-get <<'END'
echo "apt-get $*" >>"$STATE/managed"
case " $* " in
*' install '*) touch "$STATE/installed" ;;
esac
END
script apt-cache <<'END'
exit 1 # the lists of packages are empty
END
script sudo <<'END'
exit 1
END
script id <<'END'
cat "$STATE/id"
END
ln -s /bin/true "$work/bin/ccache"

# asked COMMAND... - in_tree; what the package manager was told is in $managed
asked() {
    : >"$managed"
    in_tree env STATE="$work" "$@"
}

# not_managed - no package manager was called
not_managed() {
    [ ! -s "$managed" ] || { cat "$managed"; show_said; }
}

# printed - the command that was printed, as it stands, installs the packages
printed() {
    sed -n 's/^    apt-get/apt-get/p' "$work/said" >"$work/command"
    [ -s "$work/command" ] || show_said || return
    asked sh "$work/command"
    printf '%s\n' "apt-get update" \
        "apt-get install -y --no-install-recommends libyaml-dev libevent-dev" | diff - "$managed"
}

echo 1000 >"$work/id"
asked make
check "make without a library fails" [ "$status" -ne 0 ]
check "... names what is missing" says 'libyaml-dev libevent-dev'
check "... and make deps" says '"make deps"'
check "... and calls no package manager" not_managed
check "the command that it prints works as it stands" printed
rm -f "$work/installed"

asked make deps
check "make deps without root fails" [ "$status" -ne 0 ]
check "... calls no package manager" not_managed
check "... and the command that it prints works as it stands" printed
rm -f "$work/installed"

echo 0 >"$work/id"
asked make
check "make calls no package manager for root either" not_managed
asked make deps
check "make deps installs for root" works
check "... what is missing" grep -q -e ' install .*libyaml-dev libevent-dev$' "$managed"
check "... with fresh lists where they are empty" grep -q -x 'apt-get -q update' "$managed"
asked make
check "then make works" works
check "... without a package manager" not_managed
rm -rf "$work/installed" "$tree/build"

asked make check T=no-such-test
check "make check installs what is missing" grep -q -e ' install .*libyaml-dev' "$managed"
rm -rf "$work/installed" "$tree/build"
asked make demo
check "make demo installs what is missing" grep -q -e ' install .*libyaml-dev' "$managed"

script dnf <<'END'
echo "dnf $*" >>"$STATE/managed"
END
rm -f "$work/installed"
ln -sf /bin/false "$work/bin/apt-get"
mkdir "$work/only"
for tool in sh sed awk tr cat env grep; do
    ln -s "$(command -v $tool)" "$work/only/$tool"
done
for tool in id sudo dnf pkg-config gcc; do
    ln -s "$work/bin/$tool" "$work/only/$tool"
done
ln -s "$(command -v make)" "$work/only/make"
echo 1000 >"$work/id"
asked env PATH="$work/only" CC=gcc sh .ci/needs --check build
check "where there is dnf it is named" says 'dnf install -y libyaml-devel libevent-devel'
rm -f "$work/only/dnf"
asked env PATH="$work/only" CC=gcc sh .ci/needs build
check "without either it says so" says 'neither apt-get nor dnf'
asked env PATH="$work/only" CC=no-such-cc sh .ci/needs build
check "a compiler that is missing is named" says 'no-such-cc (CC) is not installed'
finish needs
