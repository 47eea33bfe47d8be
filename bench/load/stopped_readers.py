#!/usr/bin/env python3
"""Readers that read until told to stop: stopped_readers.py PORT COUNT PREFIX

In Python because a small receive buffer can be asked for here: what is not read then piles up in the server and not in the
kernel. Says `ready` when all are greeted; `stop` on standard input: from then on nothing is read; its end ends it.
"""
import json
import os
import selectors
import socket
import sys

RECEIVE_BUFFER_BYTES = 16 * 1024
NICE = 10
UPGRADE = (b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def frame(text):
    data = text.encode()
    return bytes([0x81, 0x80 | len(data), 0, 0, 0, 0]) + data   # shorter than 126 bytes


class Reader:
    def __init__(self, port, user):
        self.user = user
        self.rest = b""
        self.upgraded = self.greeted = self.ended = False
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(UPGRADE)

    def read(self):
        chunk = self.socket.recv(65536)
        self.ended = not chunk
        data = self.rest + chunk
        if not self.upgraded:
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = data
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"{self.user}: {head[:80]!r}")
            self.upgraded, data = True, rest
        at = 0
        while True:
            size, start = self.size_at(data, at)
            if size is None or len(data) < start + size:
                break
            self.take(data[start:start + min(size, 16)])
            at = start + size
        self.rest = data[at:]

    @staticmethod
    def size_at(data, at):
        if len(data) < at + 10:   # enough for every length; short frames wait for the next bytes only if nothing else is due
            if len(data) < at + 2 or data[at + 1] > 125:
                return None, at
        size = data[at + 1]
        if size < 126:
            return size, at + 2
        width = 2 if size == 126 else 8
        return int.from_bytes(data[at + 2:at + 2 + width], "big"), at + 2 + width

    def take(self, text):
        if text[:1] == b"2":
            self.socket.sendall(frame("3"))
        elif text[:1] == b"0":
            self.socket.sendall(frame("40" + json.dumps({"user": self.user, "device": "d"})))
        elif text.startswith(b'42["hello"'):
            self.greeted = True


def main(port, count, prefix):
    os.nice(NICE)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    readers = []
    reading = True
    said = False
    while True:
        if len(readers) < count and all(reader.greeted for reader in readers[-50:-49]):
            readers.append(Reader(port, f"{prefix}{len(readers)}"))
            selector.register(readers[-1].socket, selectors.EVENT_READ, readers[-1])
        for key, _ in selector.select(0 if len(readers) < count else None):
            if key.data is None:
                if not sys.stdin.readline():
                    return
                reading = False
                for reader in readers:
                    if not reader.ended:
                        selector.unregister(reader.socket)
                print("stopped", flush=True)
            elif reading:
                key.data.read()
                if key.data.ended:
                    selector.unregister(key.data.socket)
                    print(f"ended {key.data.user}", flush=True)
        if not said and len(readers) == count and all(reader.greeted for reader in readers):
            said = True
            print("ready", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
