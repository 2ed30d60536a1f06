"""random_paths.py COUNT SEED - paths that smtpd's command reader takes for one word"""
import random
import sys

PARTS = ["a", "b", "friend", "root", "known", "box", "relayed", "gone", "a.b", ".", "..", "@", "@",
         "@", "%", "!", '"', '"', "\\", "(", ")", "<", ">", "[", "]", ",", ":", ";", " ", "+", "-",
         "_", "/", "|", "@mail.example.com", "@mail.example.com", "@localhost", "@alias.example",
         "@mailbox.example", "@relay.example", "@b.example", "@[127.0.0.1]", "@[IPv6:::1]",
         "%mail.example.com", "mail.example.com!", "@127.0.0.1", "@refused.example", '"a b"',
         '"a@b"', "@origin.example"]


def one_word(path):
    """smtpd_token.c: quotes and <> nest, a backslash takes the next character"""
    wanted = []
    at = 0
    while at < len(path):
        c = path[at]
        if c == "\\":
            at += 1
            if at == len(path):
                return False
        elif wanted and c == wanted[-1]:
            wanted.pop()
        elif c == '"':
            wanted.append('"')
        elif c == "<" and (not wanted or wanted[-1] == ">"):
            wanted.append(">")
        elif not wanted and c in " :":
            return False
        at += 1
    return not wanted


def main():
    random.seed(int(sys.argv[2]))
    left = int(sys.argv[1])
    while left > 0:
        path = "<" + "".join(random.choice(PARTS) for _ in range(random.randint(1, 8))) + ">"
        if one_word(path) and "  " not in path:
            print(path)
            left -= 1


main()
