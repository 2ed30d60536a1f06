"""sendmail_milter - a mail filter that takes all and notes what it was told

It speaks version 6 of the protocol that libmilter's header mfdef.h tells of, and asks for no step to
be left out.  Each note is (stage, text): the text names the stage's arguments, and the macros that
came before it, by name.
"""
import socketserver
import struct
import threading

STAGES = {"C": "connect", "H": "helo", "M": "mail", "R": "rcpt", "T": "data", "N": "eoh", "E": "eom"}
VERSION, ALL_ACTIONS = 6, 0x1FF


class Filter(socketserver.StreamRequestHandler):
    timeout = 60

    def packet(self):
        head = self.rfile.read(4)
        if len(head) < 4:
            return None, b""
        body = self.rfile.read(struct.unpack(">I", head)[0])
        return chr(body[0]), body[1:]

    def answer(self, command, data=b""):
        self.wfile.write(struct.pack(">I", 1 + len(data)) + command.encode() + data)

    def handle(self):
        try:
            self.talk()
        except (OSError, IndexError, struct.error):
            pass

    def talk(self):
        macros = {}
        while True:
            command, data = self.packet()
            if command is None or command == "Q":
                return
            if command == "O":
                _, actions, _ = struct.unpack(">III", data[:12])
                self.answer("O", struct.pack(">III", VERSION, actions & ALL_ACTIONS, 0))
            elif command == "D":
                words = data[1:].split(b"\0")
                macros[chr(data[0])] = dict(zip((word.decode() for word in words[0::2]),
                                                (word.decode("latin-1") for word in words[1::2])))
            elif command in STAGES:
                self.note(command, data, macros.pop(command, {}))
                self.answer("c" if command != "E" else "a")
            elif command not in "AK":
                self.answer("c")

    def note(self, command, data, macros):
        words = [word.decode("latin-1") for word in data.split(b"\0")]
        if command == "C":
            words = words[:1]
        text = words[0] if command in "CHMR" else ""
        self.server.notes.append((STAGES[command], " ".join(
            [text.strip()] + sorted(self.shown(*item) for item in macros.items())).strip()))

    @staticmethod
    def shown(name, value):
        """names alone where both servers have words of their own"""
        own = ("i", "{daemon_name}", "v", "b", "_", "{client_port}", "{msg_id}", "Z",
               "{rcpt_mailer}", "{mail_mailer}", "{mail_host}", "{rcpt_host}")
        return name if name in own else "%s=%s" % (name, value.lower())


class FilterServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve_filters(filters):
    notes = []
    for port, address in filters:
        server = FilterServer((address, port), Filter)
        server.notes = notes
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return notes
