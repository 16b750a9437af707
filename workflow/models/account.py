"""Accounts (journalled), and what signs them in (not journalled: secrets and sessions are not history)."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base


class Account(Base):
    """A sign-in name of one person. ``administrator`` manages accounts and offices and has no business right."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    administrator: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)


class Credential(Base):
    """Password and one-time code, both only as Argon2id hashes."""

    __tablename__ = "credential"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    password_hash: Mapped[str | None]
    code_hash: Mapped[str | None]
    code_expires_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime | None]


class UserSession(Base):
    """One signed-in browser. The cookie holds a random token; here stands only its SHA-256."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SignInAttempt(Base):
    """Failed sign-ins per account name and per address, for the throttle."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[dt.datetime]


class Setting(Base):
    """Settings of this installation, such as the demo's own today."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
