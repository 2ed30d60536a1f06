#!/bin/sh
# postmend livetest: the reference server and the real Postfix answer the same plan
#
# Over every fixture and every configuration of the corpus, in three releases.  What policy calls
# determined must be answered alike, code and enhanced code, in 99 of 100 replies; each difference
# that is left is listed.  ENGINES_JOBS: how many configurations at a time.
set -u
. tests/oracle/lib.sh
heavy
begin_oracle engines
corpus=${POSTMEND_SHARED:-../shared}/corpus/hosts
jobs=${ENGINES_JOBS:-16}

# list - lines "NAME RELEASE PLATFORM DIRECTORY"
list() {
    for release in $releases; do
        for folder in fixtures/*/; do
            echo "$(basename "$folder") $release $(platform_of "$release") ${folder}in"
        done
        [ -d "$corpus" ] || continue
        for folder in "$corpus"/*/; do
            echo "$(basename "$folder") $release $(platform_of "$release") ${folder%/}"
        done
    done
}

mkdir "$work/answers"
addresses >"$work/addresses"
list >"$work/list"
[ -d "$corpus" ] || echo "SKIP the corpus ($corpus) is not here"

# both engines, one after the other; a server that hangs is a failure, not a test without end
# shellcheck disable=SC2016 # the inner shell's own
POSTMEND=$POSTMEND ROOTS=$roots WORK=$work/answers ADDRESSES=$(cat "$work/addresses") xargs -P "$jobs" -L 1 sh -c '
    for engine in postfix builtin; do
        timeout 300 $POSTMEND livetest --engine $engine --postfix-root "$ROOTS/$2" \
            --platform "$3" --hostname mail.example.com \
            --interfaces "$ADDRESSES" --format json "$4" \
            >"$WORK/$2.$1.$engine" 2>"$WORK/$2.$1.$engine.err"
    done' engines <"$work/list"

for release in $releases; do
    left=$(find "$roots/$release/tmp" -maxdepth 1 -name 'postmend-livetest.*' -newer "$work/list" 2>/dev/null)
    [ -z "$left" ] || echo "FAIL $release: left behind: $left"
done

python3 - "$work/answers" "$work/list" <<'END'
import collections, json, sys

answers, list_ = sys.argv[1:]
kinds = collections.OrderedDict()
differences = collections.OrderedDict()
refused = collections.OrderedDict()
broken = []
compared = collections.Counter()

def read(name):
    try:
        with open(name) as file:
            return json.load(file)
    except ValueError:
        return None

def reason(name):
    lines = [line.strip() for line in open(name, errors="replace") if line.strip()]
    return lines[-1].split(": ", 2)[-1] if lines else "no reason is given"

def note(where, ask, step, real, ours, said):
    key = (step, real, ours, said)
    differences.setdefault(key, [0, where + ", " + ask])
    differences[key][0] += 1

for line in open(list_):
    name, release, platform, directory = line.split()
    path = "%s/%s.%s" % (answers, release, name)
    real, ours = read(path + ".postfix"), read(path + ".builtin")
    if real is None:
        refused.setdefault(reason(path + ".postfix.err"), []).append(release + "/" + name)
        continue
    if ours is None:
        broken.append("%s/%s: %s" % (release, name, reason(path + ".builtin.err")))
        continue
    compared[release] += 1
    for theirs, mine in zip(real["sessions"], ours["sessions"]):
        row = kinds.setdefault(theirs["kind"], [0, 0, 0])
        for a, b in zip(theirs["steps"], mine["steps"]):
            if "not asked" in (a["verdict"], b["verdict"]):
                continue
            row[0] += 1
            if "one_of" in a:
                continue
            row[1] += 1
            if a["answered"] == b["answered"]:
                row[2] += 1
            else:
                note("%s/%s %s" % (release, name, theirs["service"]), theirs["ask"], a["step"],
                     a["answered"], b["answered"], a["reply"].splitlines()[0] if a["reply"] else "")

print("%-14s %8s %11s %8s %8s" % ("kind", "asked", "determined", "equal", "share"))
total = [0, 0, 0]
for kind in sorted(kinds):
    row = kinds[kind]
    total = [a + b for a, b in zip(total, row)]
    print("%-14s %8d %11d %8d %7.2f%%" % (kind, *row, 100 * row[2] / max(1, row[1])))
share = 100 * total[2] / max(1, total[1])
print("%-14s %8d %11d %8d %7.2f%%" % ("all", *total, share))
print("configurations compared: " + ", ".join("%s %d" % item for item in compared.items()))
for why, names in refused.items():
    print("not started: %s (%d: %s)" % (why, len(names), " ".join(names[:6])))
for line in broken:
    print("FAIL the reference server does not start: " + line)
ordered = sorted(differences.items(), key=lambda item: -item[1][0])
for (step, theirs, mine, said), (count, where) in ordered:
    print("differs: %s: Postfix %s, reference server %s (%d times; %s)%s" % (
        step, theirs, mine, count, where, ": " + said if said else ""))
good = share >= 99 and total[1] > 0 and not broken
print("engines: %d passed, %d failed" % (total[2], total[1] - total[2] if not good else 0))
sys.exit(0 if good else 1)
END
