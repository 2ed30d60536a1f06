#!/usr/bin/env python3
"""parameters.py [OPTION]... TREE - facts/parameters.yaml against an installed Postfix

TREE is a directory with a system that has Postfix ("/" is this machine).  Prints a diff between what
the YAML files say and what postconf(1), its manual page and, with --source, the parameter tables in
the C sources say; the exit status is 1 if they differ.

  --add            write parameters.yaml and releases.yaml anew, with the release of TREE
  --source DIR     the unpacked sources of that release: types and bounds come from them
  --platform NAME  whose defaults TREE has: one of platforms.yaml; by default, the one of its
                   /etc/os-release.  Where it differs from upstream, nothing is learned from TREE
"""
import argparse
import contextlib
import difflib
import glob
import gzip
import os
import re
import subprocess
import sys
import tempfile

import yaml

from programs import parameter_names, sources

FACTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# what depends on the process, the host or the directory that postconf is given
OF_THE_MOMENT = {"config_directory", "mail_release_date", "mail_version", "process_id",
                 "process_name", "service_name"}
NOT_VERIFIED = "not verified: the type and the bounds; postconf(1) does not print them"


# --- the YAML files -----------------------------------------------------------------------------

def load(name):
    """a file of facts; every scalar is a text"""
    with open(os.path.join(FACTS, name)) as text:
        return yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def series_key(series):
    return [int(part) for part in series.split(".")]


class Facts:
    def __init__(self):
        self.parameters = load("parameters.yaml")["parameters"]
        self.releases = load("releases.yaml")["releases"]
        self.platforms = {p["name"]: p for p in load("platforms.yaml")["platforms"]}
        self.path = os.path.join(FACTS, "parameters.yaml")
        with open(self.path) as text:
            before = text.read()
        self.head = before[:before.index("\nparameters:\n")] + "\nparameters:\n"
        if self.text() != before:
            sys.exit(f"{self.path}: not in the form that this program writes")

    def series(self):
        return sorted(self.releases, key=series_key)

    def default(self, name, series):
        """the text of a default, "host", or None if the release does not list the parameter"""
        entry = self.parameters.get(name)
        if entry is None or entry["type"] == "legacy":
            return None
        last = entry.get("last", self.series()[-1])
        if not series_key(entry["first"]) <= series_key(series) <= series_key(last):
            return None
        if entry["default"] == "host":
            return "host"
        since = [s for s in entry["default"] if series_key(s) <= series_key(series)]
        return entry["default"][max(since, key=series_key)]

    def platform(self, name, key):
        """a map of the platform: of itself, then of those that it is like"""
        platform, found = self.platforms[name], {}
        while platform is not None:
            value = platform.get(key)
            if key == "tables" and value is not None:
                return value
            found = {**(value or {}), **found}
            for derived in ("default_database_type", "config_directory"):
                if derived in platform:
                    found.setdefault(derived, platform[derived])
            platform = self.platforms.get(platform.get("like"))
        return found

    def text(self):
        return self.head + "".join(map(self.entry_text, self.parameters.items()))

    @staticmethod
    def entry_text(item):
        name, entry = item
        lines = [f"  {name}:", f"    type: {entry['type']}"]
        lines += [f"    {key}: {entry[key]}" for key in ("min", "max") if key in entry]
        lines += [f'    {key}: "{entry[key]}"' for key in ("first", "last", "legacy_since")
                  if key in entry]
        if "patches" in entry:
            patches = ", ".join(f'"{series}": {level}' for series, level in entry["patches"].items())
            lines.append(f"    patches: {{{patches}}}")
        if entry.get("default") == "host":
            lines.append("    default: host")
        elif "default" in entry:
            lines.append("    default:")
            for series in sorted(entry["default"], key=series_key):
                value = entry["default"][series].replace("'", "''")
                lines.append(f"      \"{series}\": '{value}'")
        if "source" in entry:
            lines.append(f"    source: {entry['source']}")
        return "\n".join(lines) + "\n"

    def write(self):
        """in the order of names, with those that are only old ones last"""
        items = self.parameters.items()
        self.parameters = dict(sorted((i for i in items if i[1]["type"] != "legacy"))
                               + [i for i in items if i[1]["type"] == "legacy"])
        with open(self.path, "w") as out:
            out.write(self.text())


# --- a tree -------------------------------------------------------------------------------------

@contextlib.contextmanager
def empty_configuration(tree):
    """a configuration directory in TREE without a setting and without a service, as TREE names it"""
    with tempfile.TemporaryDirectory(dir=os.path.join(tree, "tmp"), prefix="facts.") as directory:
        os.chmod(directory, 0o755)
        for name in ("main.cf", "master.cf"):
            with open(os.path.join(directory, name), "w"):
                pass
        yield os.path.join("/tmp", os.path.basename(directory))


class Tree:
    """what an installed Postfix says of itself"""

    def __init__(self, path):
        self.path = path
        with empty_configuration(path) as directory:
            listed = self.run("postconf", "-c", directory, "-d")
            self.table_types = self.run("postconf", "-c", directory, "-m").split()
        self.defaults = dict(re.findall(r"^(\S+) =[ ]?(.*)$", listed, re.MULTILINE))
        self.version = self.defaults["mail_version"]
        self.series = re.match(r"\d+\.\d+", self.version).group()
        self.release = {"version": self.version, "date": self.defaults["mail_release_date"]}
        for stock in glob.glob(os.path.join(path, "usr/share/postfix/main.cf.dist")):
            level = re.search(r"^compatibility_level = (\S+)", read(stock), re.MULTILINE)
            self.release["level"] = level.group(1)

    def run(self, *command):
        if self.path != "/":
            command = ("chroot", self.path, *command)
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=600).stdout

    def manual(self):
        return "".join(map(read, glob.glob(
            os.path.join(self.path, "usr/share/man/man5/postconf.5*"))))

    def system(self):
        """its name in platforms.yaml, if it is there: "debian12"; without a version, "debian" """
        found = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$',
                                read(os.path.join(self.path, "etc/os-release")), re.MULTILINE))
        return found.get("ID", "") + found.get("VERSION_ID", "")


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", errors="replace") as text:
        return text.read()


def documented(manual):
    """{parameter: the series in which it is available, by "This feature is available in ..."};
    backports are among them, and so may be those of a parameter that it replaced"""
    found = {}
    for section in re.split(r"^\.SH ", manual, flags=re.MULTILINE)[1:]:
        said = re.findall(r"^\.PP\n(This feature [^.]*?available(?:.|\n(?!\.))*)", section,
                          re.MULTILINE)
        series = re.findall(r"(?<!OpenSSL )\b(\d+\.\d+)", " ".join(said).replace("\n", " "))
        if series:
            found[section.split(None, 1)[0]] = series
    return found


# --- sources ------------------------------------------------------------------------------------

TABLE = re.compile(r"const\s+CONFIG_(\w+)_TABLE\s+\w+\[\]\s*=\s*\{(.*?)\n\s*\};", re.DOTALL)
NAME = re.compile(r"\b(VAR_\w+)\s*,")
BOUNDED = re.compile(r"\b(VAR_\w+)\s*,[^&]*&\w+\s*,\s*([^,\n]+?)\s*,\s*([^,\n]+?)\s*,")
CONSTANT = re.compile(r"^#define\s+(\w+)\s+([\w()+*/ -]+?)\s*$", re.MULTILINE)


def tables(source):
    """{parameter: (type, min, max)} by the tables that the programs read at their start"""
    names, constants, found = parameter_names(source), {}, {}
    for _, text in sources(source, ".h"):
        constants.update(CONSTANT.findall(text))
    for path, text in sources(source, ".c"):
        if path.startswith("postconf/"):
            continue
        constants_here = {**constants, **dict(CONSTANT.findall(text))}
        for kind, body in TABLE.findall(text):
            kind = kind.lower() if kind == "STR_FN" else kind.lower().replace("_fn", "")
            rows = [(macro, "0", "0") for macro in NAME.findall(body)] if "bool" in kind \
                else BOUNDED.findall(body + ",")
            for macro, *bounds in rows:
                if macro in names:
                    found[names[macro]] = (kind, *(number(b, constants_here) for b in bounds))
    return found


def number(text, constants):
    """the value of a constant expression; "0" (which is no bound) for what is not one"""
    for _ in range(8):
        text = re.sub(r"[A-Za-z_]\w*", lambda m: f"({constants.get(m.group(), m.group())})", text)
        if re.fullmatch(r"[\d()+*/ -]+", text):
            return str(eval(text))  # digits and operators alone
    return "0"


# --- comparing ----------------------------------------------------------------------------------

class Diff:
    def __init__(self, of_facts, of_tree):
        self.lines = [f"--- {of_facts}", f"+++ {of_tree}"]

    def differ(self, what, in_facts, in_tree):
        if in_facts is not None:
            self.lines.append(f"-{what} {in_facts}")
        if in_tree is not None:
            self.lines.append(f"+{what} {in_tree}")

    def print(self):
        if len(self.lines) > 2:
            print("\n".join(self.lines))
        return len(self.lines) > 2


def compare_defaults(diff, facts, tree, own):
    for name in sorted({*tree.defaults, *facts.parameters} - OF_THE_MOMENT):
        wanted = facts.default(name, tree.series)
        wanted = own.get(name, wanted) if wanted is not None else None
        value = tree.defaults.get(name)
        if wanted != value and not (wanted == "host" and value is not None):
            diff.differ(f"{name} =", wanted, value)


def compare_table_types(diff, facts, tree, platform):
    known = facts.platform(platform, "tables")
    for name in sorted({*tree.table_types, *known["built_in"]}):
        if name not in tree.table_types:
            diff.differ("table type", name, None)
        elif name not in known["built_in"] and name not in known.get("packages", {}):
            diff.differ("table type", None, name)


def compare_manual(diff, facts, manual):
    """an entry with a source of its own says why it is otherwise"""
    oldest = facts.series()[0]
    for name, series in sorted(documented(manual).items()):
        entry = facts.parameters.get(name, {"type": "legacy"})
        known = {max(s, oldest, key=series_key) for s in series}
        if entry["type"] != "legacy" and "source" not in entry and entry["first"] not in known:
            diff.differ(f"{name}: available in Postfix", entry["first"], ", ".join(series))


def compare_source(diff, facts, series, source):
    """types and bounds are those of the last release that has the parameter"""
    for name, found in sorted(tables(source).items()):
        entry = facts.parameters.get(name)
        if facts.default(name, series) is None:
            diff.differ(f"{name}:", None, " ".join(found))
            continue
        known = (entry["type"], entry.get("min", "0"), entry.get("max", "0"))
        is_last = entry.get("last", facts.series()[-1]) == series
        if known != found and is_last:
            diff.differ(f"{name}:", " ".join(known), " ".join(found))


def stock_services(path):
    """"name/type private unprivileged chroot wakeup process_limit command" of each, in order"""
    rows = (line.split() for line in read(path).split("\n") if re.match(r"\w", line))
    return [" ".join([f"{row[0]}/{row[1]}", *row[2:8]]) for row in rows]


def compare_master(diff, facts, series, source):
    known = []
    for name, entry in load("master.yaml")["services"].items():
        fields = ("private", "unprivileged", "chroot", "wakeup", "process_limit", "command")
        first, last = entry.get("first", series), entry.get("last", series)
        if series_key(first) <= series_key(series) <= series_key(last):
            known.append(" ".join([name, *(entry.get(field, "-") for field in fields)]))
    found = stock_services(os.path.join(source, "conf/master.cf"))
    for line in difflib.unified_diff(known, found, n=0, lineterm=""):
        if not re.match(r"---|\+\+\+|@@", line):
            diff.lines.append(line)


# --- adding a release ---------------------------------------------------------------------------

def set_default(facts, entry, series, value):
    """from SERIES on; the next series that was measured keeps what it has"""
    later = [s for s in facts.series() if series_key(s) > series_key(series)]
    history = entry["default"]
    at = max((s for s in history if series_key(s) <= series_key(series)), key=series_key)
    if later and later[0] not in history:
        history[later[0]] = history[at]
    history[series] = value


def add_parameter(facts, series, name, value, kinds):
    kind, low, high = kinds.get(name, ("str", "0", "0"))
    entry = {"type": kind, "first": series, "default": {series: value}}
    entry.update({key: text for key, text in (("min", low), ("max", high)) if text != "0"})
    if name not in kinds:
        entry["source"] = NOT_VERIFIED
    facts.parameters[name] = entry


def add(facts, tree, own, kinds):
    """the platform's own defaults teach nothing about upstream's: returns the names of those"""
    facts.releases[tree.series] = tree.release
    before = [s for s in facts.series() if series_key(s) < series_key(tree.series)]
    skipped = []
    for name in ("mail_version", "mail_release_date"):
        set_default(facts, facts.parameters[name], tree.series, tree.defaults[name])
    for name in sorted({*tree.defaults, *facts.parameters} - OF_THE_MOMENT):
        wanted = facts.default(name, tree.series)
        value = tree.defaults.get(name)
        if value is None:
            if wanted is not None and tree.series == facts.series()[-1]:
                facts.parameters[name]["last"] = before[-1]
        elif wanted is None and name not in facts.parameters:
            add_parameter(facts, tree.series, name, value, kinds)
        elif name in own:
            skipped.append(name)
        elif wanted not in (None, "host", value):
            set_default(facts, facts.parameters[name], tree.series, value)
    facts.write()
    write_release(tree)
    return skipped + [name for name in own if facts.parameters[name].get("first") == tree.series]


def write_release(tree):
    path = os.path.join(FACTS, "releases.yaml")
    lines = read(path).split("\n")
    pairs = ", ".join(f'{key}: "{value}"' for key, value in tree.release.items())
    line = f'  "{tree.series}": {{{pairs}}}'
    at = [i for i, text in enumerate(lines) if re.match(r'  "\d+\.\d+": \{', text)]
    same = [i for i in at if lines[i].startswith(f'  "{tree.series}":')]
    older = [i for i in at if series_key(lines[i].split('"')[1]) < series_key(tree.series)]
    if same:
        lines[same[0]] = line
    else:
        lines.insert(older[-1] + 1, line)
    with open(path, "w") as out:
        out.write("\n".join(lines))


# --- main ---------------------------------------------------------------------------------------

def choose_platform(facts, tree, name):
    name = name or tree.system()
    if name in facts.platforms:
        return name
    of_family = [p for p, known in facts.platforms.items()
                 if p.startswith(name) and known.get("postfix", "").startswith(tree.series + ".")]
    if of_family:
        return of_family[-1]
    sys.exit(f"{tree.path}: \"{name}\" is not in platforms.yaml; name one with --platform")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].split(" - ")[0])
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--source")
    parser.add_argument("--platform")
    parser.add_argument("tree")
    options = parser.parse_args()

    facts, tree = Facts(), Tree(options.tree)
    platform = choose_platform(facts, tree, options.platform)
    own = facts.platform(platform, "defaults")
    if options.add:
        skipped = add(facts, tree, own, tables(options.source) if options.source else {})
        if skipped:
            print(f"look at these, where {platform} may differ from upstream:", *skipped)
        return 0
    if tree.series not in facts.releases:
        sys.exit(f"{tree.path}: releases.yaml has no Postfix {tree.series}; use --add")
    diff = Diff(f"facts: Postfix {tree.series} of {platform}", f"{tree.path}: Postfix {tree.version}")
    compare_defaults(diff, facts, tree, own)
    compare_table_types(diff, facts, tree, platform)
    compare_manual(diff, facts, tree.manual())
    if options.source:
        compare_source(diff, facts, tree.series, options.source)
        compare_master(diff, facts, tree.series, options.source)
    return 1 if diff.print() else 0


if __name__ == "__main__":
    sys.exit(main())
