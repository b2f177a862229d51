#!/usr/bin/env python3
"""A mail server for tests: aiosmtpd, which keeps each mail in FOLDER as it is (N.eml) and as another
reader understands it (N.json). What it answers, the local part of a recipient decides.

Usage: mail_server.py PORT FOLDER plain|starttls|tls [CERTIFICATE KEY USER PASSWORD]"""
import asyncio
import email
import email.policy
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

PORT, FOLDER, SECURITY = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
CERTIFICATE, KEY, USER, PASSWORD = (sys.argv[4:] + [None] * 4)[:4]
AT_RECIPIENT = {"busy": "450 later", "unknown": "550 no such user", "going": "421 going away"}
AT_TEXT = {"full": "452 no room", "spam": "554 refused: spam"}


def understood(content):
    mail = email.message_from_bytes(content, policy=email.policy.default)
    parts = [{"type": part.get_content_type(), "name": part.get_filename(),
              "content": part.get_content() if part.get_content_maintype() == "text"
              else part.get_content().hex()}
             for part in mail.walk() if not part.is_multipart()]
    return {"headers": {name.lower(): str(value) for name, value in mail.items()}, "parts": parts,
            "defects": [str(each) for part in mail.walk() for each in part.defects]}


class Handler:
    number = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = AT_RECIPIENT.get(address.split("@")[0])
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 fine"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.rcpt_tos[0].split("@")[0]
        if local in AT_TEXT:
            return AT_TEXT[local]
        number, Handler.number = Handler.number, Handler.number + 1
        (FOLDER / f"{number}.eml").write_bytes(envelope.content)
        found = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                 "secured": server.transport.get_extra_info("ssl_object") is not None, "user": session.auth_data,
                 **understood(envelope.content)}
        kept = FOLDER / f"{number}.part"
        kept.write_text(json.dumps(found, ensure_ascii=False, sort_keys=True))
        kept.rename(FOLDER / f"{number}.json")
        if local == "cut":
            server.transport.abort()
        if local == "silent":
            await asyncio.sleep(600)
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode() == USER and data.password.decode() == PASSWORD
    return AuthResult(success=good, handled=False, auth_data=data.login.decode() if good else None)


async def serve():
    context = None
    if SECURITY != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE, KEY)
    more = {"authenticator": authenticate, "auth_required": True,
            "auth_require_tls": SECURITY == "starttls"} if USER else {}

    def make():
        return SMTP(Handler(), hostname="mail.test", data_size_limit=64 * 1024 * 1024,
                    tls_context=context if SECURITY == "starttls" else None,
                    require_starttls=SECURITY == "starttls", **more)
    await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", PORT, ssl=context if SECURITY == "tls" else None)
    await asyncio.Event().wait()


asyncio.run(serve())
