"""Accounts: made, disabled and reset by the administrator, and the proofs by which somebody signs in.

An account is history and goes through the journal; passwords, codes, sessions and failed attempts are not. Hashing
takes time on purpose, so it is done outside of any transaction. Wrong password, unknown name, disabled account and too
many attempts give one and the same answer.
"""
from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import throttle
from workflow.context import Actor, clock_of
from workflow.db import Database
from workflow.errors import BadInput
from workflow.inputs import required_text
from workflow.journal import Act, EntryRef
from workflow.models import Base
from workflow.offices import ADMINISTRATOR, offices_of
from workflow.passwords import check_password, hash_secret, matches, new_code, outdated, plain_code
from workflow.sessions import SessionAccount, end_all, end_session, open_session, session_account, touch

__all__ = ["SessionAccount", "account_id", "change_password", "create_account", "disable_account", "enable_account",
           "end_all", "end_session", "has_accounts", "issue_code", "open_session", "session_account", "set_administrator",
           "set_password", "sign_in", "touch", "use_code"]

CODE_LASTS = dt.timedelta(hours=24)
ACCOUNT, CREDENTIAL, PERSON = (Base.metadata.tables[n] for n in ("account", "credential", "person"))
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}\Z")


def create_account(session: Session, actor: Actor | None, *, username: str, person: int | None = None,
                   administrator: bool = False) -> int:
    """Make an account that nobody can sign in to until a code is issued; returns its id."""
    name = required_text(username, "username", "tên đăng nhập", 40).lower()
    if not _USERNAME.match(name):
        raise BadInput("Tên đăng nhập gồm 2 đến 40 chữ thường không dấu, chữ số và các dấu . _ -", "username")
    if account_id(session, name) is not None:
        raise BadInput(f"Tên đăng nhập “{name}” đã có người dùng; hãy chọn tên khác.", "username")
    connection = session.connection()
    if person is not None:
        if connection.execute(sa.select(PERSON.c.id).where(PERSON.c.id == person)).first() is None:
            raise BadInput("Không có người này; hãy chọn lại.", "person")
        if connection.execute(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.person_id == person)).first():
            raise BadInput("Người này đã có tài khoản.", "person")
    if administrator:
        _check_no_office(session, person)
    act = Act(session, stream="account:", tag="account:account:add", acted_on=clock_of(session).today(), actor=actor,
              subject_person_id=person)
    account = act.insert(ACCOUNT, {"username": name, "person_id": person, "administrator": administrator})
    act.stream = f"account:{account}"
    act.write()
    connection.execute(sa.insert(CREDENTIAL), {"account_id": account})
    return account


def issue_code(session: Session, actor: Actor | None, account: int, now: dt.datetime) -> str:
    """A one-time code to be shown once; the password so far ends, and so does every session of the account."""
    row = _row(session, account)
    code = new_code()
    act = Act(session, stream=f"account:{account}", tag="account:credential:reset", acted_on=clock_of(session).today(),
              actor=actor, subject_person_id=row["person_id"])
    act.write()
    session.connection().execute(sa.update(CREDENTIAL).where(CREDENTIAL.c.account_id == account).values(
        password_hash=None, code_hash=hash_secret(plain_code(code)), code_expires_at=now + CODE_LASTS, changed_at=now))
    end_all(session, account, now)
    return code


def disable_account(session: Session, actor: Actor | None, account: int, now: dt.datetime) -> EntryRef:
    """Nobody can sign in to it any more; its sessions end at the next request."""
    row = _row(session, account)
    if actor is not None and actor.account_id == account:
        raise BadInput("Không thể tự khóa tài khoản của mình.", "account")
    if row["administrator"]:
        _check_other_administrator(session, account)
    end_all(session, account, now)
    return _change(session, actor, row, {"disabled": True}, "account:account:disable")


def enable_account(session: Session, actor: Actor | None, account: int) -> EntryRef:
    """The account can be used again, with the password it had."""
    return _change(session, actor, _row(session, account), {"disabled": False}, "account:account:enable")


def set_administrator(session: Session, actor: Actor | None, account: int, administrator: bool) -> EntryRef:
    """Let an account manage accounts and offices, or no longer. Who does so holds no office that judges cases."""
    row = _row(session, account)
    if administrator:
        _check_no_office(session, row["person_id"])
    else:
        _check_other_administrator(session, account)
    return _change(session, actor, row, {"administrator": administrator}, "account:account:change")


def set_password(session: Session, account: int, password: str, now: dt.datetime) -> None:
    """Set a password without a code: for accounts that the installation itself hands out, as in a demo."""
    session.connection().execute(sa.update(CREDENTIAL).where(CREDENTIAL.c.account_id == account).values(
        password_hash=hash_secret(password), code_hash=None, code_expires_at=None, changed_at=now))


def sign_in(database: Database, username: str, password: str, *, address: str, now: dt.datetime) -> int | None:
    """The account that this name and password open, or None."""
    with database.write() as session:
        attempt = throttle.reserve(session, throttle.keys(_plain(username), address), now)
    if attempt is None:
        return None
    row = _credential(database, ACCOUNT.c.username == _plain(username))
    stored = row["password_hash"] if row else None
    if not matches(stored, password) or row is None or row["disabled"]:
        return None
    renewed = hash_secret(password) if outdated(str(stored)) else None
    with database.write() as session:
        throttle.forgive(session, _plain(username), attempt)
        throttle.sweep(session, now)
        if renewed:
            session.connection().execute(sa.update(CREDENTIAL).where(
                CREDENTIAL.c.account_id == row["id"], CREDENTIAL.c.password_hash == stored).values(password_hash=renewed))
    return int(row["id"])


def use_code(database: Database, username: str, code: str, password: str, *, address: str, now: dt.datetime) -> bool:
    """Set a password by a one-time code. False when name or code are wrong, used or too old; BadInput for the password."""
    with database.write() as session:
        attempt = throttle.reserve(session, throttle.keys(_plain(username), address), now)
    if attempt is None:
        return False
    row = _credential(database, ACCOUNT.c.username == _plain(username))
    stored = row["code_hash"] if row else None
    if not matches(stored, plain_code(code)) or row is None or row["disabled"] or row["code_expires_at"] <= now:
        return False
    return _replace(database, row, CREDENTIAL.c.code_hash == stored, password, attempt, now)


def change_password(database: Database, account: int, current: str, password: str, *, address: str,
                    now: dt.datetime) -> bool:
    """Replace one's own password; all sessions end. False when the present one is wrong; BadInput for the new one."""
    row = _credential(database, ACCOUNT.c.id == account)
    if row is None:
        return False
    with database.write() as session:
        attempt = throttle.reserve(session, throttle.keys(row["username"], address), now)
    stored = row["password_hash"]
    if attempt is None or not matches(stored, current) or row["disabled"]:
        return False
    return _replace(database, row, CREDENTIAL.c.password_hash == stored, password, attempt, now)


def _replace(database: Database, row: dict[str, Any], proof: sa.ColumnElement[bool], password: str, attempt: list[int],
             now: dt.datetime) -> bool:
    """Write a new password, provided the proof that allowed it still stands."""
    with database.write() as session:
        throttle.forgive(session, row["username"], attempt)
        words = _known_words(session, row)
    check_password(password, words)
    hashed = hash_secret(password)
    with database.write() as session:
        done = session.connection().execute(sa.update(CREDENTIAL).where(CREDENTIAL.c.account_id == row["id"], proof).values(
            password_hash=hashed, code_hash=None, code_expires_at=None, changed_at=now)).rowcount
        if done:
            end_all(session, row["id"], now)
    return bool(done)


def account_id(session: Session, username: str) -> int | None:
    """The id of the account of that name."""
    return session.connection().scalar(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.username == _plain(username)))


def has_accounts(session: Session) -> bool:
    return session.connection().execute(sa.select(ACCOUNT.c.id).limit(1)).first() is not None


def _plain(username: str) -> str:
    """The name as it is stored; what can be no name at all becomes one that nobody has."""
    name = username.strip().lower()
    return name if _USERNAME.match(name) else "-"


def _row(session: Session, account: int) -> dict[str, Any]:
    row = session.connection().execute(sa.select(ACCOUNT).where(ACCOUNT.c.id == account)).mappings().first()
    if row is None:
        raise BadInput("Không có tài khoản này; hãy chọn lại.", "account")
    return dict(row)


def _credential(database: Database, which: sa.ColumnElement[bool]) -> dict[str, Any] | None:
    query = sa.select(ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.person_id, ACCOUNT.c.disabled, CREDENTIAL.c.password_hash,
                      CREDENTIAL.c.code_hash, CREDENTIAL.c.code_expires_at)
    with database.read() as session:
        row = session.connection().execute(query.join(CREDENTIAL).where(which)).mappings().first()
    return dict(row) if row else None


def _change(session: Session, actor: Actor | None, row: dict[str, Any], values: dict[str, Any], tag: str) -> EntryRef:
    act = Act(session, stream=f"account:{row['id']}", tag=tag, acted_on=clock_of(session).today(), actor=actor,
              subject_person_id=row["person_id"])
    act.update(ACCOUNT, row["id"], values, old=row)
    return act.write()


def _check_other_administrator(session: Session, account: int) -> None:
    others = sa.select(ACCOUNT.c.id).where(ACCOUNT.c.administrator, ACCOUNT.c.disabled.is_(False), ACCOUNT.c.id != account)
    if session.connection().execute(others.limit(1)).first() is None:
        raise BadInput("Đây là người quản trị duy nhất; hãy thêm người quản trị khác trước.", "account")


def _check_no_office(session: Session, person: int | None) -> None:
    held = offices_of(session, person, clock_of(session).today()) if person is not None else []
    if any(office.role != ADMINISTRATOR for office in held):
        raise BadInput("Người đang giữ chức trách giải quyết hồ sơ không được quản trị tài khoản; hãy chọn người khác.", "person")


def _known_words(session: Session, row: dict[str, Any]) -> list[str]:
    """Words that belong to the account for everybody to see: its name, the person's, those of the units."""
    if row["person_id"] is None:
        return [row["username"]]
    name = session.connection().scalar(sa.select(PERSON.c.full_name).where(PERSON.c.id == row["person_id"]))
    held = offices_of(session, row["person_id"], clock_of(session).today())
    return [row["username"], *([name] if name else []), *(office.unit_name for office in held)]
