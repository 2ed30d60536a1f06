"""generate.py DIRECTORY COUNT - m4 texts at random, the same each time, in DIRECTORY/caseNNN.mc"""
import random
import sys

pick = random.Random(20250117)
NAMES = ["define", "undefine", "pushdef", "popdef", "ifdef", "ifelse", "FEATURE", "MAILER", "len",
         "substr", "index", "translit", "eval", "incr", "decr", "shift", "defn", "divert", "divnum",
         "undivert", "dnl", "a", "b", "c", "x1", "LOCAL_CONFIG", "EXPOSED_USER", "DAEMON_OPTIONS",
         "lower", "changequote", "changecom", "format", "indir", "builtin", "m4wrap", "__line__"]
PLAIN = ["a", "b", "c", "x1", "1", "12", "-3", "0", "abc", "a b", "$1", "$@", "$*", "$#", "$0", "1a",
         " ", "\n", "  y", "'", "#", "# z\n", "$2$1", "MAIL_SETTINGS_DIR", "_", "é", "$x", "%d", "%s"]
EXPRESSIONS = ["1+2*3", "(4-1)%2", "2**3**2", "-7/2", "-7%3", "!0", "~5", "1<2", "3>=3", "1==2", "5&6|1^8",
               "1<<4>>2", "0x1F", "010", "1||0&&0", "2 - - 3", "1 != 1", "0b101", "0r3:12", "--3",
               "1/0", "1+", "(2", "3)", "-2**2", "7 % 0", "2**-1", "99999999999", "4 = 4", "1||1/0", "0&&1/0", "1+-2", "1++2", "1--2", "3*=2", "0**0"]


def quoted(depth):
    return "`" + "".join(piece(depth - 1) for _ in range(pick.randrange(4))) + "'"


def argument(depth):
    blank = pick.choice(["", "", " ", "\n\t"])
    if pick.random() < 0.6:
        return blank + quoted(depth)
    return blank + "".join(piece(depth - 1) for _ in range(pick.randrange(3)))


def definition(depth):
    return "%s(`%s', %s)" % (pick.choice(["define", "define", "pushdef"]),
                             pick.choice(["a", "b", "c", "x1", "d"]), argument(depth))


def choice(depth):
    if pick.random() < 0.5:
        return "ifdef(`%s', %s, %s)" % (pick.choice(["a", "b", "zz", "FEATURE"]), argument(depth),
                                        argument(depth))
    return "ifelse(%s)" % ",".join(argument(depth) for _ in range(pick.randrange(1, 9)))


def text_call(depth):
    word = quoted(depth)
    return pick.choice([
        "len(%s)" % word,
        "substr(%s, %d, %d)" % (word, pick.randrange(-1, 5), pick.randrange(-1, 5)),
        "substr(%s, %d)" % (word, pick.randrange(0, 5)),
        "index(%s, `%s')" % (word, pick.choice(["a", "b", "", "ab", " "])),
        "translit(%s, `%s', `%s')" % (word, pick.choice(["a-c", "abc", "c-a", "-a", "a-", "a-c1-3"]),
                                      pick.choice(["A-C", "xyz", "", "x", "z-a"])),
        "eval(`%s')" % pick.choice(EXPRESSIONS),
        "eval(`%s', %d, %d)" % (pick.choice(EXPRESSIONS), pick.choice([2, 10, 16, 36]), pick.randrange(6)),
        "format(`%s', %s, `7')" % (pick.choice(["%s", "%5s|%d", "%-4s|", "%.1s%%", "%05d", "%x", "%c"]), word),
        "incr(%s)" % pick.choice(["1", "-1", "`9'"]),
        "decr(%s)" % pick.choice(["1", "-1", "`9'"]),
        "shift(%s, %s, `c')" % (word, word),
        "defn(`%s')" % pick.choice(["a", "b", "c", "lower", "zz"]),
    ])


def special():
    return pick.choice(["divert(-1)", "divert(0)dnl\n", "divert(3)", "divert", "divnum", "undivert(3)",
                        "undivert", "changequote([, ])[a `b']changequote(`, ')", "changecom(`;')", "changecom",
                        "changecom(`#')", "changequote([[, ]])[[a [b] `c']]changequote(`, ')", "dnl x `y\n",
                        "dnl\n", "popdef(`a')", "undefine(`b')", "m4wrap(`a b\n')", "__line__", "include(`x')",
                        "include(`../m4/cf.m4')", "sinclude(`y')", "builtin(`len', `abc')", "indir(`a', `q')",
                        "define(`d', defn(`len'))d(`four')", "esyscmd(`false')", "changecom(`{', `}'){a `b}"])


def piece(depth):
    kind = pick.random()
    if depth <= 0 or kind < 0.3:
        return pick.choice(PLAIN[:-16] if pick.random() < 0.5 else PLAIN)
    if kind < 0.4:
        return pick.choice(NAMES)
    if kind < 0.5:
        return quoted(depth)
    if kind < 0.6:
        return definition(depth)
    if kind < 0.7:
        return choice(depth)
    if kind < 0.8:
        return text_call(depth)
    if kind < 0.86:
        return special()
    if kind < 0.93:
        return "%s(%s)" % (pick.choice(["FEATURE", "MAILER", "a", "b", "c", "x1"]),
                           ",".join(argument(depth) for _ in range(pick.randrange(1, 4))))
    return "(" + piece(depth - 1) + ")"


for number in range(int(sys.argv[2])):
    text = "divert(-1)\ninclude(`../m4/cf.m4')dnl\n" if pick.random() < 0.3 else ""
    text += "".join(piece(3) + pick.choice(["", "\n", "dnl\n", " "]) for _ in range(pick.randrange(3, 25)))
    with open("%s/case%03d.mc" % (sys.argv[1], number), "w", encoding="utf-8") as file:
        file.write(text + "\n")
