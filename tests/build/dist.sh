#!/bin/sh
# make dist: the same commit gives the same bytes, with the manual page that is generated
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/build/lib.sh

make_compiler gcc
make_tree
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
in_tree sh -c 'git init -q . && git add -A &&
    git -c user.name=x -c user.email=x@example.com commit -q -m x'
version=$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)
archive=$tree/build/postmend-$version.tar.gz

in_tree make -j4 dist
check "make dist writes the archive" works
check "... of this version" [ -s "$archive" ]
mv "$archive" "$work/first.tar.gz"
sleep 1
find "$tree" -type f ! -path '*/.git/*' -exec touch {} +
rm -rf "$tree/build"
in_tree make dist
check "a second one has the same bytes" cmp "$work/first.tar.gz" "$archive"

echo more >>"$tree/README.md"
in_tree make dist
check "what is not committed is not lost silently" says 'uncommitted changes'
check "... but refused" [ "$status" -ne 0 ]

rm -rf "$tree"
tar -xzf "$work/first.tar.gz" -C "$work"
tree=$work/postmend-$version
in_tree make install DESTDIR="$work/target"
check "the archive can be built and installed without git" works
check "... with its manual page" cmp "$tree/docs/postmend-rules.7" \
    "$work/target/usr/local/share/man/man7/postmend-rules.7"
check "... for which the program need not run" [ -z "$(grep postmend "$ran")" ]
finish dist
