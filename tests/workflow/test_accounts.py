"""Accounts, passwords, codes, sessions and the throttle, on real databases with real hashing."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import district, empty
from workflow import accounts, offices, passwords, people, throttle
from workflow.context import Actor
from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import Credential, Entry, SignInAttempt, UserSession

NOW = dt.datetime(2026, 3, 1, 3, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)
IDLE, ABSOLUTE = 30 * MINUTE, dt.timedelta(hours=12)
GOOD = "đường về bản xa lắm"
HOME = "10.0.0.1"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with empty(database_url) as made:
        yield made


@pytest.fixture
def account(database: Database) -> int:
    with database.write() as session:
        made = accounts.create_account(session, None, username="Chau.Lenh")
        accounts.set_password(session, made, GOOD, NOW)
    return made


def sign_in(database: Database, password: str = GOOD, name: str = "chau.lenh", at: dt.datetime = NOW, address: str = HOME) -> int | None:
    return accounts.sign_in(database, name, password, address=address, now=at)


def test_a_code_sets_the_first_password_once(database: Database) -> None:
    with database.write() as session:
        made = accounts.create_account(session, None, username="ha.be")
        code = accounts.issue_code(session, None, made, NOW)
    typed = code.lower().replace("-", " ")
    assert not accounts.use_code(database, "ha.be", "2222-2222-2222-2222", GOOD, address=HOME, now=NOW)
    assert not accounts.use_code(database, "ha.be", typed, GOOD, address=HOME, now=NOW + accounts.CODE_LASTS)
    with pytest.raises(BadInput, match="ít nhất 12"):
        accounts.use_code(database, "ha.be", typed, "ngắn", address=HOME, now=NOW)
    assert accounts.use_code(database, "ha.be", typed, GOOD, address=HOME, now=NOW)
    assert not accounts.use_code(database, "ha.be", typed, GOOD, address=HOME, now=NOW)
    assert sign_in(database, name=" HA.BE ") == made
    with database.read() as session:
        kept = session.get(Credential, made)
        assert GOOD not in kept.password_hash and kept.password_hash.startswith("$argon2id$") and "m=19456,t=2,p=1" in kept.password_hash
        assert kept.code_hash is None
        assert session.scalars(sa.select(Entry.tag).order_by(Entry.id)).all() == ["account:account:add", "account:credential:reset"]


def test_of_two_who_use_a_code_at_once_one_sets_the_password(database: Database) -> None:
    with database.write() as session:
        code = accounts.issue_code(session, None, accounts.create_account(session, None, username="ha.be"), NOW)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: accounts.use_code(database, "ha.be", code, f"{GOOD} {n}", address=HOME, now=NOW), range(4)))
    assert done.count(True) == 1
    assert sign_in(database, f"{GOOD} {done.index(True)}", "ha.be") is not None


@pytest.mark.parametrize(("name", "password"), [
    ("chau.lenh", "sai mật khẩu rồi"), ("ai.do", GOOD), ("chau.lenh", ""), ("", ""), ("\x00", "\x00"), ("a" * 9000, "b" * 9000)])
def test_what_is_wrong_opens_nothing(database: Database, account: int, name: str, password: str) -> None:
    assert sign_in(database, password, name) is None


def test_marks_typed_in_parts_open_the_same_account(database: Database, account: int) -> None:
    import unicodedata

    assert sign_in(database, unicodedata.normalize("NFD", GOOD)) == account


def test_a_disabled_account_opens_nothing_and_its_sessions_end(database: Database, account: int) -> None:
    with database.write() as session:
        token = accounts.open_session(session, account, NOW)
        accounts.disable_account(session, None, account, NOW)
    with database.read() as session:
        assert accounts.session_account(session, token, NOW, idle=IDLE, absolute=ABSOLUTE) is None
    assert sign_in(database) is None
    with database.write() as session:
        accounts.enable_account(session, None, account)
    assert sign_in(database) == account


def test_guessing_is_slowed_down_and_the_lock_opens_by_itself(database: Database, account: int) -> None:
    for _ in range(throttle.PER_ACCOUNT):
        assert sign_in(database, "sai mật khẩu rồi") is None
    assert sign_in(database) is None
    assert sign_in(database, address="10.0.0.2") is None
    assert sign_in(database, at=NOW + throttle.WINDOW) == account
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(SignInAttempt.id))) == 0


def test_an_address_is_slowed_down_over_many_names(database: Database, account: int) -> None:
    with database.write() as session:
        for number in range(throttle.PER_ADDRESS):
            assert throttle.reserve(session, throttle.keys(f"name{number}", HOME), NOW) is not None
    assert sign_in(database) is None
    assert sign_in(database, address="10.0.0.2") == account


def test_a_right_password_forgives_the_wrong_ones(database: Database, account: int) -> None:
    for _ in range(3):
        for _ in range(throttle.PER_ACCOUNT - 1):
            assert sign_in(database, "sai mật khẩu rồi") is None
        assert sign_in(database) == account


def test_many_guesses_at_once_are_all_counted(database: Database, account: int) -> None:
    def guess(number: int) -> bool:
        with database.write() as session:
            return throttle.reserve(session, throttle.keys("chau.lenh", ""), NOW) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == throttle.PER_ACCOUNT


def test_nobody_gets_in_when_attempts_cannot_be_counted(database: Database, account: int) -> None:
    with database.write() as session:
        session.execute(sa.text("DROP TABLE sign_in_attempt"))
    with pytest.raises(sa.exc.SQLAlchemyError):
        sign_in(database)


def test_an_old_hash_is_renewed_at_sign_in(database: Database, account: int) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    with database.write() as session:
        session.get(Credential, account).password_hash = weak
    assert sign_in(database) == account
    with database.read() as session:
        assert "m=19456" in session.get(Credential, account).password_hash
    assert sign_in(database) == account


def test_changing_the_password_ends_all_sessions(database: Database, account: int) -> None:
    with database.write() as session:
        token = accounts.open_session(session, account, NOW)
    change = {"address": HOME, "now": NOW}
    assert not accounts.change_password(database, account, "sai mật khẩu rồi", "một câu khác hẳn", **change)
    with pytest.raises(BadInput, match="dễ đoán"):
        accounts.change_password(database, account, GOOD, "chau.lenh 12345678", **change)
    assert accounts.change_password(database, account, GOOD, "một câu khác hẳn", **change)
    with database.read() as session:
        assert accounts.session_account(session, token, NOW, idle=IDLE, absolute=ABSOLUTE) is None
    assert sign_in(database) is None
    assert sign_in(database, "một câu khác hẳn") == account


def test_a_session_lives_while_used_and_not_for_ever(database: Database, account: int) -> None:
    with database.write() as session:
        token, other = (accounts.open_session(session, account, NOW) for _ in range(2))

    def alive(at: dt.datetime, which: str = token) -> bool:
        with database.read() as session:
            return accounts.session_account(session, which, at, idle=IDLE, absolute=ABSOLUTE) is not None

    assert alive(NOW + 29 * MINUTE) and not alive(NOW + 30 * MINUTE) and not alive(NOW, "anders")
    with database.write() as session:
        for minute in range(20, 12 * 60, 20):
            accounts.touch(session, token, NOW + minute * MINUTE)
    assert alive(NOW + ABSOLUTE - MINUTE) and not alive(NOW + ABSOLUTE)
    with database.write() as session:
        accounts.end_all(session, account, NOW, keep=other)
        accounts.touch(session, token, NOW + 13 * 60 * MINUTE)
    assert not alive(NOW) and alive(NOW, other)
    with database.write() as session:
        accounts.end_session(session, other, NOW)
        assert token not in str(session.execute(sa.select(UserSession.token_hash)).all())
    assert not alive(NOW, other)


def test_administration_and_offices_do_not_mix(database: Database) -> None:
    with database.write() as session:
        district(session)
        officer, clerk = (people.add_person(session, None, dt.date(2026, 1, 1), full_name=n) for n in ("Hà Thị Bé", "Lý Văn Cư"))
        offices.grant_office(session, None, dt.date(2020, 1, 1), person=officer, role="cell_secretary", unit="C1")
        account = accounts.create_account(session, None, username="ly.cu", person=clerk, administrator=True)
    with pytest.raises(BadInput, match="không được quản trị"), database.write() as session:
        accounts.create_account(session, None, username="ha.be", person=officer, administrator=True)
    with pytest.raises(BadInput, match="không giữ chức trách"), database.write() as session:
        offices.grant_office(session, None, dt.date(2020, 1, 1), person=clerk, role="cell_secretary", unit="C1")
    with pytest.raises(BadInput, match="duy nhất"), database.write() as session:
        accounts.disable_account(session, None, account, NOW)
    with pytest.raises(BadInput, match="tự khóa"), database.write() as session:
        accounts.disable_account(session, Actor(account, clerk), account, NOW)
    with pytest.raises(BadInput, match="đã có tài khoản"), database.write() as session:
        accounts.create_account(session, None, username="khac", person=clerk)
    with pytest.raises(BadInput, match="đã có người dùng"), database.write() as session:
        accounts.create_account(session, None, username="LY.CU")
    with pytest.raises(BadInput, match="gồm 2 đến 40"), database.write() as session:
        accounts.create_account(session, None, username="lý cư")


@pytest.mark.parametrize("password", ["matkhau123456", "Password1234!", "000000000000", "chau.lenh.chau", "Chi bộ thôn Nà Tông 123",
                                      "abababababab", "qwertyuiop12", "x" * 129, "mười một kt"])
def test_passwords_that_anybody_would_try_are_refused(password: str) -> None:
    with pytest.raises(BadInput):
        passwords.check_password(password, ["chau.lenh", "Chi bộ thôn Nà Tông"])


@pytest.mark.parametrize("password", [GOOD, "correct horse battery", "x7" + "kq!m2p9vrtzw", "ừ ngồi đây đợi mưa tạnh"])
def test_long_sentences_are_welcome(password: str) -> None:
    passwords.check_password(password, ["chau.lenh", "Chi bộ thôn Nà Tông"])
