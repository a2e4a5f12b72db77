"""A mail server with encryption and log-in, on this computer.

    mail_server.py starttls|implicit|plain CERTIFICATE KEY FOLDER

It prints its port and whatever goes wrong, keeps each mail that it takes in FOLDER, and ends with its standard input. Only
the user `termine` with the password `Möwe 17` may send; `plain` offers neither encryption nor
log-in, and takes mail from everyone.
"""

import asyncio
import itertools
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

sys.stderr = sys.stdout
MODE, CERTIFICATE, KEY, FOLDER = sys.argv[1:]
KNOWN = LoginPassword("termine".encode(), "Möwe 17".encode())


class Keeper:
    def __init__(self):
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server, session, envelope):
        recipients = " ".join(f"<{recipient}>" for recipient in envelope.rcpt_tos)
        content = f"X-Rcpt-Args: {recipients}\r\n".encode() + envelope.content
        number = next(self.numbers)
        (pathlib.Path(FOLDER) / f"{number:04}.eml").write_bytes(content)
        return f"250 2.0.0 Ok: queued as {number:04}"


def authenticate(server, session, envelope, mechanism, data):
    # "Handled" would mean that the refusal had been told already.
    return AuthResult(success=data == KNOWN, handled=False)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE, KEY)
    options = {
        "starttls": dict(tls_context=tls, require_starttls=True, auth_required=True),
        # It is encrypted already; the library does not notice.
        "implicit": dict(auth_require_tls=False, auth_required=True),
        "plain": {},
    }[MODE]
    keeper = Keeper()

    def talk():
        return SMTP(keeper, hostname="mail.example.de", authenticator=authenticate, **options)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(talk, "127.0.0.1", 0, ssl=tls if MODE == "implicit" else None)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
