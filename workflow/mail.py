"""Notices as mail: what they say, and the two ways out of the house, a folder of files or a mail server."""
from __future__ import annotations

import datetime as dt
import email.policy
import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from workflow import models
from workflow.db import Database
from workflow.outbox import Deliver, Message

#: Kind of notice -> what it says. Kinds that are not listed say that something waits.
SUBJECTS: Mapping[str, str] = {
    "case.waits": "Có việc chờ xử lý",
    "case.returned": "Hồ sơ được trả lại",
}
_SENDER = "nen-nep@localhost.localdomain"


def compose(message: Message, unit: str | None, to: str, site: str, at: dt.datetime) -> EmailMessage:
    """A notice without a word about any person: the kind, the unit's code, a link."""
    subject = SUBJECTS.get(message.kind, "Có việc chờ xử lý")
    path = f"/ho-so/{message.case_id}" if message.case_id is not None else "/"
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = os.environ.get("NENNEP_MAIL_FROM", _SENDER)
    mail["To"] = to
    mail["Subject"] = f"[Nền Nếp] {subject}" + (f" ({unit})" if unit else "")
    mail["Date"] = at
    # The signs a mail server takes, and the name of this site, so that two sites never use one id.
    mail["Message-ID"] = f"<{re.sub('[^A-Za-z0-9.-]', '.', message.message_id)}@{urlsplit(site).hostname or 'nen-nep'}>"
    mail.set_content(f"{subject}.\n" + (f"Đơn vị: {unit}\n" if unit else "") + f"Xem tại: {site.rstrip('/')}{path}\n")
    return mail


def deliverer(database: Database, folder: Path, now: Callable[[], dt.datetime], environ: Mapping[str, str] = os.environ) -> Deliver:
    """The way out that the environment names: ``NENNEP_SMTP_URL``, else files in ``folder``.

    ``smtp://user:password@host:port`` or ``smtps://...``; ``NENNEP_URL`` is what links begin with.
    """
    url, site = environ.get("NENNEP_SMTP_URL"), environ.get("NENNEP_URL", "http://127.0.0.1:8000")

    def deliver(message: Message) -> None:
        mail = compose(message, _unit_code(database, message.unit_id), _address(message), site, now())
        if url:
            _smtp(url, mail)
        else:
            _file(folder, message, mail)

    return deliver


def _unit_code(database: Database, unit_id: int | None) -> str | None:
    if unit_id is None:
        return None
    with database.read() as session:
        return session.scalar(sa.select(models.Unit.code).where(models.Unit.id == unit_id))


def _address(message: Message) -> str:
    """A mailbox of the office or the person by number: names and real addresses are for the mail server to know."""
    if message.person_id is not None:
        return f"person-{message.person_id}@nen-nep"
    return f"{message.role or 'office'}-{message.unit_id or 0}@nen-nep"


def _file(folder: Path, message: Message, mail: EmailMessage) -> None:
    """One file a notice, named by its Message-ID: delivered twice, it still lies there once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{message.id:09d}-{hashlib.sha256(message.message_id.encode()).hexdigest()[:16]}.eml"
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(bytes(mail))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _smtp(url: str, mail: EmailMessage) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("NENNEP_SMTP_URL must be smtp://host:port or smtps://host:port")
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=30, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=30)
    with server:
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)
