"""The mails that the SMTP server took, which STORY_MAILBOX names."""

import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .telling import env


def mails():
    mailbox = Path(env["STORY_MAILBOX"])
    lines = mailbox.read_text().split("\n") if mailbox.exists() else [""]
    # What follows the last line break is not whole yet.
    return [json.loads(line) for line in lines[:-1]]


def find(address, pattern):
    """What the newest mail to an address has of this form."""
    for _ in range(200):
        texts = [mail["text"] for mail in mails() if address in mail["to"]]
        found = [match.group() for match in (re.search(pattern, text, re.MULTILINE) for text in texts) if match]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"no mail for {address}")


def code_for(address):
    return find(address, r"^\d{6}$")


def token_for(address, kind):
    """The token that the link of this kind brings to the application."""
    link = find(address, rf"http\S+stytch_token_type={kind}&\S+")
    return parse_qs(urlsplit(link).query)["token"][0]
