"""An SMTP server (aiosmtpd) on 127.0.0.1:PORT that writes what it takes into MAILBOX, a JSON object a line.

The recipient says what becomes of a mail: `later-N@` is put off (451) N times, `refused@` is refused (550), `slow@` takes
ten seconds. With PASSWORD, only who knows it is served (user `vestibule`). With CERT_FILE and KEY_FILE it offers
STARTTLS. Prints `ready`.
"""

import asyncio
import email
import email.policy
import json
import os
import re
import signal
import ssl
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

MAILBOX = os.environ["MAILBOX"]
PASSWORD = os.environ.get("PASSWORD")


def body(message, kind):
    part = message.get_body((kind,))
    return part.get_content().replace("\r\n", "\n") if part else None


def told(session, envelope):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    defects = [str(defect) for part in message.walk() for defect in part.defects]
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name: str(value) for name, value in message.items()},
        "addressee": [address.addr_spec for address in message["To"].addresses],
        "type": message.get_content_type(),
        "text": body(message, "plain"),
        "html": body(message, "html"),
        "defects": defects,
        "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
        "authenticated": session.authenticated,
        "tls": session.ssl is not None,
    }


class Mailbox:
    def __init__(self):
        self.tries = Counter()

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tries[address] += 1
        later = re.match(r"later-(\d+)@", address)
        if later and self.tries[address] <= int(later.group(1)):
            return "451 4.3.0 come back later"
        if address.startswith("refused@"):
            return "550 5.1.1 nobody here\tby that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("slow@") for address in envelope.rcpt_tos):
            await asyncio.sleep(10)
        with open(MAILBOX, "a") as mailbox:
            mailbox.write(json.dumps(told(session, envelope)) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = getattr(data, "login", None) == b"vestibule" and data.password == PASSWORD.encode()
    return AuthResult(success=known, handled=not known, message=None if known else "535 5.7.8 no")


def main():
    settings = {}
    if PASSWORD:
        settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    if "CERT_FILE" in os.environ:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["CERT_FILE"], os.environ["KEY_FILE"])
        settings["tls_context"] = context
    server = Controller(Mailbox(), hostname="127.0.0.1", port=int(os.environ["PORT"]), **settings)
    server.start()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    print("ready", flush=True)
    ended.wait()
    server.stop()


if __name__ == "__main__":
    main()
