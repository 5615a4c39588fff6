#!/usr/bin/env python3
"""What the tests of the image and of appliance/run need around a running gateway: a next hop, a sender, an API client.

    probe.py sink PORT FOLDER           accepts every mail, writes each to FOLDER/1, FOLDER/2 ...
    probe.py send clean|eicar PORT      sends one mail, prints the last reply
    probe.py get URL [TOKEN]            prints status code and body
    probe.py ports COUNT                prints the first of so many free ports in a row
"""
import random
import smtplib
import socket
import socketserver
import ssl
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

# In two parts, so that no scanner takes this file for what it describes.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Sink(socketserver.StreamRequestHandler):
    """Just enough SMTP to be a next hop."""

    timeout = 60
    received = 0

    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.reply("220 sink ESMTP")
        while line := self.rfile.readline(4096):
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"EHLO":
                self.reply("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 104857600")
            elif verb == b"DATA":
                self.reply("354 go on")
                self.keep()
                self.reply("250 2.0.0 kept")
            elif verb == b"QUIT":
                self.reply("221 bye")
                return
            else:
                self.reply("250 ok")

    def keep(self):
        Sink.received += 1
        folder = Path(sys.argv[3])
        part = folder / f"{Sink.received}.part"
        with part.open("wb") as file:
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                file.write(line[1:] if line.startswith(b".") else line)
        part.rename(folder / str(Sink.received))


def sink(port):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Sink) as server:
        server.serve_forever()


def send(kind, port):
    message = EmailMessage(policy=SMTP)
    message["From"] = "Alice <alice@sender.example>"
    message["To"] = "Bob <bob@example.test>"
    message["Subject"] = f"A {kind} mail"
    message["Message-ID"] = f"<{kind}.1@sender.example>"
    message["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
    message.set_content("Dear Bob,\n\n.. see you at lunch.\n\nAlice\n")
    if kind == "eicar":
        message.add_attachment(EICAR.encode(), maintype="application", subtype="octet-stream", filename="eicar.com")
    try:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.sender.example", timeout=90) as client:
            client.ehlo()
            for code, text in (client.mail("alice@sender.example"), client.rcpt("bob@example.test"), client.data(message.as_bytes())):
                if code >= 400:
                    break
            print(code, text.decode())
    except smtplib.SMTPResponseException as refusal:
        print(refusal.smtp_code, refusal.smtp_error.decode())
    except OSError as failure:
        print("none", failure)


def get(url, token=""):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(request, timeout=10) as answer:
            print(answer.status, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        print(refusal.code, refusal.read().decode())
    except OSError as failure:
        print("none", failure)


def is_free(port):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def ports(count):
    # Below the range from which the kernel takes ports of outgoing connections.
    starts = (random.randrange(20000, 32000) for _ in range(1000))
    print(next(start for start in starts if all(is_free(start + offset) for offset in range(count))))


match sys.argv[1:]:
    case ["sink", port, _]:
        sink(int(port))
    case ["send", kind, port]:
        send(kind, int(port))
    case ["ports", count]:
        ports(int(count))
    case ["get", url, *token]:
        get(url, *token)
    case _:
        sys.exit(__doc__)
