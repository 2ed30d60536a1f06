#!/bin/sh
# private.sh COMMAND... - runs it with mounts, processes and a network (loopback alone) of its own, and
# with a copy-on-write view of each tree of ORACLE_ROOTS
#
# So tests run side by side, and nothing that one starts or writes is left when it ends.  Without root,
# or where this machine allows no such view, it waits until it has the trees to itself.
set -u

roots=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}

# make_views - the trees again, below $view
make_views() {
    mount -t tmpfs tmpfs "$view" && mount -t proc proc /proc && ip link set lo up || return
    for tree in "$roots"/*/; do
        name=$(basename "$tree")
        mkdir -p "$view/$name" "$view/.new/$name" "$view/.work/$name" &&
            mount -t overlay overlay -o \
                "lowerdir=$roots/$name,upperdir=$view/.new/$name,workdir=$view/.work/$name" \
                "$view/$name" || return
    done
}

if [ "${1-}" = --inside ]; then
    view=$2
    shift 2
    make_views || exit
    ORACLE_ROOTS=$view exec "$@"
fi

view=$(mktemp -d) || exit 2
trap 'rmdir "$view"' EXIT
trap 'exit 2' INT TERM HUP
isolate() {
    unshare --mount --net --pid --fork --kill-child sh "$0" --inside "$view" "$@"
}
if [ "$(id -u)" -eq 0 ] && isolate true 2>/dev/null; then
    isolate "$@"
elif [ -d "$roots" ] && [ -w "$roots" ]; then
    flock "$roots" "$@"
else
    "$@"
fi
