"""dns.py - a name server on 127.0.0.1 that knows one domain, for a Postfix under test

elsewhere.example has an MX of its own, and mail.example.com, which is 127.0.0.1, as its backup;
nothing else exists.
"""
import socket
import struct

A, MX, IN = 1, 15, 1


def name_of(labels):
    return b"".join(bytes([len(label)]) + label.encode() for label in labels.split(".")) + b"\0"


RECORDS = {
    ("elsewhere.example", MX): [struct.pack(">H", 10) + name_of("mx.elsewhere.example"),
                                struct.pack(">H", 20) + name_of("mail.example.com")],
    ("mx.elsewhere.example", A): [bytes([192, 0, 2, 9])],
    ("mail.example.com", A): [bytes([127, 0, 0, 1])],
}


def question_of(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace").lower())
        at += 1 + packet[at]
    kind, = struct.unpack(">H", packet[at + 1:at + 3])
    return ".".join(labels), kind, packet[12:at + 5]


def answer_to(packet):
    name, kind, question = question_of(packet)
    records = RECORDS.get((name, kind), [])
    exists = any(known == name for known, _ in RECORDS)
    flags = 0x8580 if exists else 0x8583
    reply = packet[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question
    for data in records:
        reply += b"\xc0\x0c" + struct.pack(">HHIH", kind, IN, 60, len(data)) + data
    return reply


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    while True:
        received, client = server.recvfrom(4096)
        try:
            server.sendto(answer_to(received), client)
        except (IndexError, struct.error):
            pass  # no question
