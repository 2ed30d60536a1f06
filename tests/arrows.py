#!/usr/bin/env python3
"""arrows.py BUILD - does a room or wing use one above it, and are there rings of files inside one?

The answer comes from the symbols of the object files in BUILD (nm) and from the includes of the
sources; tests/rooms has the order.  An arrow that points up, an object in no room, and a ring of
more than RING_MAX files fail; smaller rings are listed.
"""
import collections
import os
import re
import subprocess
import sys

RING_MAX = 4
DEFINED = "TDRBVWC"  # nm's letters for what an object offers to others
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def read_order():
    with open("tests/rooms", encoding="utf-8") as rooms:
        lines = [line.strip() for line in rooms]
    wings = [line for line in lines if line and not line.startswith("#")]
    return {wing: number for number, wing in enumerate(wings)}


def find_objects(build, order):
    """the objects of the rooms, as paths below BUILD"""
    tops = {wing.split("/")[0] for wing in order}
    for top in sorted(tops):
        for folder, _, files in os.walk(os.path.join(build, top)):
            for name in sorted(files):
                if name.endswith(".o"):
                    yield os.path.relpath(os.path.join(folder, name), build)


def read_symbols(build, objects):
    """{symbol: object that defines it}, {object: symbols that it needs}"""
    defined, needed = {}, collections.defaultdict(set)
    for path in objects:
        listing = subprocess.run(["nm", "-g", os.path.join(build, path)], capture_output=True,
                                 text=True, check=True).stdout
        for line in listing.splitlines():
            kind, symbol = line.split()[-2:]
            if kind == "U":
                needed[path].add(symbol)
            elif kind in DEFINED and symbol != "main":
                defined[symbol] = path
    return defined, needed


def find_arrows(defined, needed):
    """{object: {object that it uses: symbols}}"""
    arrows = collections.defaultdict(lambda: collections.defaultdict(list))
    for user, symbols in needed.items():
        for symbol in sorted(symbols):
            used = defined.get(symbol, user)
            if used != user:
                arrows[user][used].append(symbol)
    return arrows


def find_includes(order):
    """(file, header) for each include of a project's header in a room"""
    tops = tuple({wing.split("/")[0] + "/" for wing in order})
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                              "--", "*.c", "*.h"], capture_output=True, text=True, check=True)
    for path in listing.stdout.split():
        if path.startswith(tops) and os.path.exists(path):
            with open(path, encoding="utf-8") as source:
                for header in INCLUDE.findall(source.read()):
                    yield path, header


def find_rings(arrows, nodes):
    """Tarjan's strongly connected components of more than one file, without recursion"""
    index, low, on_stack, stack, rings = {}, {}, set(), [], []
    for start in nodes:
        if start in index:
            continue
        work = [(start, iter(sorted(arrows.get(start, ()))))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, following = work[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(arrows.get(other, ())))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    ring = []
                    while not ring or ring[-1] != node:
                        ring.append(stack.pop())
                        on_stack.discard(ring[-1])
                    if len(ring) > 1:
                        rings.append(sorted(ring))
    return rings


def main():
    build = sys.argv[1]
    order = read_order()
    objects = list(find_objects(build, order))
    if not objects:
        sys.exit(f"arrows: {build} has no objects")
    wrong = [f"{path}: in no wing of tests/rooms" for path in objects
             if os.path.dirname(path) not in order]
    arrows = find_arrows(*read_symbols(build, objects))
    place = {path: order.get(os.path.dirname(path), -1) for path in objects}
    crossing = 0
    for user, used in sorted(arrows.items()):
        for other, symbols in sorted(used.items()):
            crossing += len(symbols) if place[user] != place[other] else 0
            if place[other] > place[user]:
                wrong.append(f"{user} uses {other}, above it: {', '.join(symbols)}")
    for path, header in find_includes(order):
        above = order.get(os.path.dirname(header), -1)
        if above > order.get(os.path.dirname(path), len(order)):
            wrong.append(f"{path} includes {header}, above it")
    for ring in find_rings(arrows, objects):
        if len(ring) > RING_MAX:
            wrong.append(f"a ring of {len(ring)} files: {' '.join(ring)}")
        else:
            print(f"arrows: a ring of {len(ring)} files: {' '.join(ring)}")
    for line in wrong:
        print(f"arrows: {line}")
    print(f"arrows: {len(objects)} files, {crossing} symbols used across rooms and wings, "
          f"{len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
