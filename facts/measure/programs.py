#!/usr/bin/env python3
"""programs.py SOURCE... - facts/programs.yaml: which parameters each program reads when it starts

SOURCE is an unpacked Postfix source tree; several, the newest first, give the union of what their
programs read (a parameter that a release does not have is not asked for there).  What is read comes
from the parameter tables in the C sources (CONFIG_STR_TABLE and its kin), names from src/*/*.h; the
order is that of the calls, or of the arguments of the server skeleton, that name the tables.
"""
import collections
import os
import re
import sys
import textwrap

# the tables that several programs read; everything else belongs to the program of its folder
GROUPS = {"global/mail_params.c": "all", "master/master_vars.c": "master", "tls/tls_misc.c": "tls"}
USES_TLS = ("smtpd", "smtp", "lmtp", "tlsproxy", "tlsmgr")
FOLDERS = {"smtp/lmtp_params.c": "lmtp", "oqmgr/qmgr.c": "oqmgr"}
# no programs that a service in master.cf runs, or no programs at all
OTHERS = {"global", "postconf", "posttls-finger", "postmulti", "postdrop", "postlog", "postqueue",
          "postfix", "sendmail", "tls"}
# programs by another name: the name that master.cf uses, and the folder of its source
NAMES = {"lmtp": "smtp", "nqmgr": "qmgr"}
# what the main program tells the server skeleton, and what it demands of the line in master.cf
DEMANDS = {
    "CA_MAIL_SERVER_SOLITARY": "process_limit: 1",
    "CA_MAIL_SERVER_UNLIMITED": "process_limit: 0",
    "CA_MAIL_SERVER_PRIVILEGED": "privileged: yes",
    '"unexpected command-line argument': "arguments: no",
    "server must run with $%s privileges": "unprivileged: yes",
}
# what programs take as arguments, "name=value", the letters of "flags=", and the macros that the
# command of pipe(8) may refer to
ATTRIBUTE = re.compile(r'strncasecmp\("(\w+)=", \*argv')
# what programs look for in the chroot jail, and do not find there (tests/oracle/starts)
JAILED = {
    "local": "users, aliases and mailboxes",
    "pipe": "its user and its command",
    "postlogd": "its log file",
    "proxymap": "the files of tables",
    "spawn": "its user and its command",
    "virtual": "the files of tables, and mailboxes",
}
FLAG = re.compile(r"case '(.)':\s*attr->flags \|=")
MACRO = re.compile(r'^#define\s+PIPE_DICT_(?!TABLE)\w+\s+"(\w+)"', re.MULTILINE)
SKELETON = re.compile(r"\b(?:single|multi|event|trigger|dgram)_server_main\(argc")

DEFINE = re.compile(r'^#define\s+(VAR_\w+)\s+((?:"[^"]*"\s*)+)$', re.MULTILINE)
TABLE = re.compile(r"const\s+CONFIG_\w+_TABLE\s+(\w+)\[\]\s*=\s*\{(.*?)\n\s*\};", re.DOTALL)
USE = re.compile(r"(?:\bget_mail_conf_\w+_table|\bCA_MAIL_SERVER_\w+_TABLE)\(([^)]*)\)")
ENTRY = re.compile(r"^\s*(VAR_\w+)\s*,", re.MULTILINE)
ALIAS = re.compile(r"^#define\s+(VAR_\w+)\s+(VAR_\w+)\s*$", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def sources(tree, suffix):
    for folder, _, names in os.walk(os.path.join(tree, "src")):
        for name in sorted(names):
            if name.endswith(suffix):
                path = os.path.join(folder, name)
                with open(path, errors="replace") as source:
                    yield (os.path.relpath(path, os.path.join(tree, "src")),
                           COMMENT.sub("", source.read().replace("\\\n", " ")))


def parameter_names(tree):
    """{"VAR_MYHOSTNAME": "myhostname"}"""
    names, aliases = {}, {}
    for _, text in sources(tree, ".h"):
        for macro, literals in DEFINE.findall(text):
            names[macro] = "".join(re.findall(r'"([^"]*)"', literals))
        aliases.update(ALIAS.findall(text))
    for macro, other in aliases.items():
        if other in names:
            names[macro] = names[other]
    return names


def in_order(tables, uses):
    """the bodies of tables, (name, body), as their names come first in the uses"""
    words = [word for use in uses for word in re.findall(r"\w+", use)]
    return [body for _, body in sorted(tables, key=lambda table: words.index(table[0])
                                       if table[0] in words else len(words))]


def merge(known, found):
    """adds what an older release has beside, after what it has before it"""
    at = 0
    for name in found:
        if name in known:
            at = known.index(name) + 1
        else:
            known.insert(at, name)
            at += 1


def read_tree(tree, reads, demands, takes):
    names = parameter_names(tree)
    tables, uses = collections.defaultdict(list), collections.defaultdict(list)
    texts = collections.defaultdict(str)
    for path, text in sources(tree, ".c"):
        reader = GROUPS.get(path) or FOLDERS.get(path) or path.split("/")[0]
        if "test" in path or (reader in OTHERS and path not in GROUPS):
            continue
        for one in (reader, *(name for name, folder in NAMES.items() if folder == reader)):
            uses[one] += USE.findall(text)
        tables[reader] += TABLE.findall(text)
        folder = path.split("/")[0]
        texts[folder] += text
        for key, pattern in (("attributes", ATTRIBUTE), ("flags", FLAG), ("macros", MACRO)):
            if SKELETON.search(text):
                takes[folder][key].update(pattern.findall(text))
    for folder, text in texts.items():
        if SKELETON.search(text):
            demands.setdefault(folder, [line for sign, line in DEMANDS.items() if sign in text])
    for reader, found in tables.items():
        if not found:
            continue
        macros = [macro for body in in_order(found, uses[reader]) for macro in ENTRY.findall(body)]
        merge(reads[reader], list(dict.fromkeys(names[macro] for macro in macros
                                                if macro in names)))


def print_list(key, items, indent):
    text = ", ".join(items)
    pad = " " * indent
    print(f"{pad}{key}:\n{pad}  [")
    for line in textwrap.wrap(text, 96 - indent, break_long_words=False, break_on_hyphens=False):
        print(f"{pad}    {line}")
    print(f"{pad}  ]")


def main():
    reads, demands = collections.defaultdict(list), {}
    takes = collections.defaultdict(lambda: collections.defaultdict(set))
    for tree in sys.argv[1:]:
        read_tree(tree, reads, demands, takes)
    for name, folder in NAMES.items():
        demands[name] = demands[folder]
        if name not in reads:
            reads[name] = list(reads[folder])
        takes[name] = takes[folder]
    known = set()
    with open("facts/parameters.yaml", encoding="utf-8") as parameters:
        known.update(re.findall(r"^  (\w+):$", parameters.read(), re.MULTILINE))
    known.discard("service_name")  # each service has its own
    print("""\
# Which parameters each program reads when it starts, in the order in which it reads them; one that it
# refuses ends the program.  A value may refer to parameters that main.cf does not set as long as the
# program has read them before: to it, all others are empty.
# Made by facts/measure/programs.py from the sources of Postfix.
#
# groups: what several programs read; "all" is every program, master itself included, before its own;
#         "master" is what master(8) reads after that; "tls" comes after them
# programs: those that a service in master.cf can run; what each demands of its line there:
#   process_limit  the only one with which it starts
#   privileged     yes: its "unprivileged" field must be n
#   unprivileged   yes: that field must not be n; the program exits when a client connects
#   arguments      no: it takes none beside its options; more of them end it
#   attributes     the arguments that it takes, each with a value; argv and user must be among
#                  them if the program has them
#   flags          the letters of its attribute flags
#   macros         what its command may refer to
#   jail           what it looks for in the chroot jail, and does not find there

source: >-
  the parameter tables in the sources of Postfix 2.11 to 3.12 (CONFIG_STR_TABLE and its kin;
  mail_params_init(), tls_param_init())

groups:""")
    for group in ("all", "master", "tls"):
        print_list(group, [name for name in reads.pop(group) if name in known], 2)
    print("\nprograms:")
    for program in sorted(set(reads) | set(demands)):
        groups = "[all, tls]" if program in USES_TLS else "[all]"
        print(f"  {program}:\n    groups: {groups}")
        for line in demands.get(program, []):
            print(f"    {line}")
        if program in JAILED:
            print(f"    jail: {JAILED[program]}")
        for key in ("attributes", "macros"):
            if takes[program][key]:
                print_list(key, sorted(takes[program][key]), 4)
        if takes[program]["flags"]:
            print(f'    flags: "{"".join(sorted(takes[program]["flags"]))}"')
        own = [name for name in reads.get(program, []) if name in known]
        if own:
            print_list("reads", own, 4)


if __name__ == "__main__":
    main()
