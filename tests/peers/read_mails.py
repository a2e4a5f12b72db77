"""Reads the mails in a folder with parsers that nobody here wrote, and prints them as JSON.

Anything that the parsers find wrong with a mail or its calendar ends this program. The first lines
of each file are the server's: `X-Rcpt-Args` holds the recipient of the envelope.
"""

import email
import email.header
import email.policy
import email.utils
import json
import pathlib
import sys

import icalendar

STRICT = email.policy.default.clone(raise_on_defect=True)


def check(where, defects):
    if defects:
        raise SystemExit(f"{where}: {defects}")


def read_event(event):
    def when(name):
        return event.decoded(name).isoformat()

    return {
        "uid": str(event["UID"]),
        "start": when("DTSTART"),
        "end": when("DTEND"),
        "stamp": when("DTSTAMP"),
        "summary": str(event["SUMMARY"]),
    }


def read_calendar(part):
    calendar = icalendar.Calendar.from_ical(part.get_content())
    for component in calendar.walk():
        check(component.name, component.errors)
    return {
        "content_type": part.get_content_type(),
        "charset": part.get_content_charset(),
        "name": part.get_filename(),
        "method": part.get_param("method"),
        "own_method": str(calendar["METHOD"]),
        "events": [read_event(event) for event in calendar.walk("VEVENT")],
    }


def name_of(header):
    # The newer parser of some versions leaves a blank between two encoded words of a name, against
    # RFC 2047 (6.2); the older one has always known better.
    name, _ = email.utils.parseaddr(header)
    return str(email.header.make_header(email.header.decode_header(name)))


def read_mail(path):
    content = path.read_bytes()
    mail = email.message_from_bytes(content, policy=STRICT)
    plain = email.message_from_bytes(content, policy=email.policy.compat32)
    for part in mail.walk():
        check(path, part.defects)
        for name, value in part.items():
            check(f"{path}: {name}", value.defects)
    texts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    attached = list(mail.iter_attachments()) if mail.is_multipart() else []
    return {
        "recipient": mail["X-Rcpt-Args"].strip("<>"),
        "from": str(mail["From"]),
        "to": [address.addr_spec for address in mail["To"].addresses],
        "to_name": name_of(plain["To"]),
        "reply_to": str(mail["Reply-To"]),
        "subject": str(mail["Subject"]),
        "date": mail["Date"].datetime.isoformat(),
        "message_id": str(mail["Message-ID"]),
        "auto_submitted": str(mail["Auto-Submitted"]),
        "language": str(mail["Content-Language"]),
        "texts": [part.get_content() for part in texts],
        "calendars": [read_calendar(part) for part in attached],
    }


mails = [read_mail(path) for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")) if path.is_file()]
json.dump(mails, sys.stdout)
