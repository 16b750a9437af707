"""Signing in, and every way in which being signed in ends."""
from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.web.conftest import PASSWORDS, TODAY, Visitor, law, people_and_accounts
from tests.web.html import Page
from web.app import create_app
from web.routing import own_path
from workflow import accounts, migrate
from workflow.context import FixedClock
from workflow.db import Database
from workflow.models import Setting, UserSession
from workflow.site import Site

COOKIE = "nennep"


def signed_in(visitor: Visitor) -> bool:
    return visitor.get("/tai-khoan").status_code == 200


def test_signing_in_shows_who_one_is(visitor: Visitor) -> None:
    answer = visitor.sign_in("hoa")
    assert (answer.status_code, answer.location) == (303, "/")
    page = Page(visitor.get("/").text)
    assert "Ma Thị Hoa" in page.text
    assert "Chi bộ thôn Nà Tông" in page.text
    assert page.one("form", action="/dang-xuat")


def test_on_both_databases(database_url: str, tmp_path: Path) -> None:
    clock = FixedClock(TODAY)
    database = Database(database_url, info={"book": law(), "clock": clock})
    migrate.upgrade(database)
    people_and_accounts(database)
    visitor = Visitor(create_app(Site(tmp_path, database, law(), clock)))
    assert not signed_in(visitor)
    visitor.sign_in("hoa")
    assert signed_in(visitor)
    visitor.post("/dang-xuat")
    assert not signed_in(visitor)
    database.dispose()


def test_the_cookie_is_guarded_and_the_database_knows_only_its_hash(visitor: Visitor, site: Site) -> None:
    cookie = visitor.sign_in("hoa").headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    with visitor.client.session_transaction() as session:
        token = session["_user_id"]
    with site.database.read() as db:
        stored = db.scalars(sa.select(UserSession.token_hash)).all()
    assert stored == [hashlib.sha256(token.encode()).hexdigest()]


def test_on_https_the_cookie_belongs_to_this_host_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_URL", "https://nen-nep.example.vn")
    client = create_app(site).test_client()
    answer = client.get("/dang-nhap", base_url="https://nen-nep.example.vn")
    assert answer.headers["Set-Cookie"].startswith("__Host-nennep=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_each_sign_in_gets_a_new_token_and_the_old_one_dies(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("hoa")
    old = visitor.client.get_cookie(COOKIE)
    visitor.client.post("/dang-nhap", data={"csrf_token": _token_of(visitor), "username": "hoa", "password": PASSWORDS["hoa"]})
    assert old and visitor.client.get_cookie(COOKIE) != old
    with site.database.read() as db:
        ended = db.scalars(sa.select(UserSession.ended_at).order_by(UserSession.id)).all()
    assert [e is None for e in ended] == [False, True]


def _token_of(visitor: Visitor) -> str:
    visitor.get("/")
    return visitor.token()


def test_a_copied_cookie_is_worthless_after_signing_out(visitor: Visitor, visitors: Callable[[], Visitor]) -> None:
    visitor.sign_in("hoa")
    copied = visitor.client.get_cookie(COOKIE)
    assert copied is not None
    thief = visitors()
    thief.client.set_cookie(COOKIE, copied.value)
    assert signed_in(thief)
    visitor.get("/")
    visitor.post("/dang-xuat")
    assert not signed_in(thief)
    assert not signed_in(visitor)


def test_disabling_an_account_ends_its_sessions_at_the_next_request(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("hoa")
    with site.database.write() as db:
        accounts.disable_account(db, None, accounts.account_id(db, "hoa") or 0, dt.datetime.now(dt.timezone.utc))
    assert not signed_in(visitor)
    assert visitor.sign_in("hoa").status_code == 422


@pytest.mark.parametrize(("column", "ago"), [("seen_at", dt.timedelta(minutes=31)), ("created_at", dt.timedelta(hours=12, minutes=1))])
def test_sessions_end_when_idle_and_at_last(visitor: Visitor, site: Site, column: str, ago: dt.timedelta) -> None:
    visitor.sign_in("hoa")
    for back, alive in ((ago - dt.timedelta(minutes=2), True), (ago, False)):
        with site.database.write() as db:
            db.execute(sa.update(UserSession).values({column: dt.datetime.now(dt.timezone.utc) - back}))
        assert signed_in(visitor) is alive


def test_use_is_written_down_now_and_then(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("hoa")
    earlier = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=20)
    with site.database.write() as db:
        db.execute(sa.update(UserSession).values(seen_at=earlier))
    assert signed_in(visitor)
    with site.database.read() as db:
        assert db.scalar(sa.select(UserSession.seen_at)) > earlier + dt.timedelta(minutes=19)


def test_unknown_wrong_disabled_and_locked_look_the_same(visitors: Callable[[], Visitor], site: Site) -> None:
    with site.database.write() as db:
        accounts.disable_account(db, None, accounts.account_id(db, "thanh") or 0, dt.datetime.now(dt.timezone.utc))

    def answer(username: str, password: str) -> tuple[int, str]:
        visitor = visitors()
        response = visitor.sign_in(username, password)
        return response.status_code, response.text.replace(visitor.token(), "").replace(f'value="{username}"', "")

    expected = answer("nobody", "something or other")
    assert expected[0] == 422
    assert answer("hoa", "something or other") == expected
    assert answer("thanh", PASSWORDS["thanh"]) == expected
    for _ in range(20):
        answer("hoa", "something or other")
    assert answer("hoa", PASSWORDS["hoa"]) == expected


def test_the_password_is_never_shown_again(visitor: Visitor) -> None:
    answer = visitor.sign_in("hoa", "not the right one")
    assert "not the right one" not in answer.text
    assert Page(answer.text).by_id("username").attrs["value"] == "hoa"


@pytest.mark.parametrize(("asked", "reached"), [
    ("/tai-khoan", "/tai-khoan"), ("/tai-khoan?x=1", "/tai-khoan?x=1"), ("//evil.example", "/"), ("https://evil.example/", "/"),
    ("/\\evil.example", "/"), ("/\t/evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"), ("/" + "a" * 3000, "/"),
])
def test_signing_in_leads_back_but_never_to_another_site(visitor: Visitor, asked: str, reached: str) -> None:
    assert visitor.sign_in("hoa", next=asked).location == reached
    assert (own_path(asked) or "/") == reached


def test_a_page_asked_for_before_is_reached_after(visitor: Visitor) -> None:
    asked = visitor.get("/tai-khoan?a=1")
    assert asked.location == "/dang-nhap?next=/tai-khoan?a%3D1"
    page = Page(visitor.get(asked.location).text)
    assert page.one("input", name="next").attrs["value"] == "/tai-khoan?a=1"


def test_a_one_time_code_sets_the_password_once(visitor: Visitor, visitors: Callable[[], Visitor], site: Site) -> None:
    visitor.sign_in("thanh")
    now = dt.datetime.now(dt.timezone.utc)
    with site.database.write() as db:
        code = accounts.issue_code(db, None, accounts.account_id(db, "thanh") or 0, now)
    assert not signed_in(visitor)
    other = visitors()
    assert other.sign_in("thanh").status_code == 422
    fields = {"username": "thanh", "code": code, "password": "mùa này lúa chín sớm", "again": "mùa này lúa chín sớm"}
    other.get("/ma-mot-lan")
    assert other.post("/ma-mot-lan", {**fields, "password": "ngắn", "again": "ngắn"}).status_code == 422
    assert other.post("/ma-mot-lan", {**fields, "again": "khác hẳn với câu kia"}).status_code == 422
    assert other.post("/ma-mot-lan", fields).location == "/dang-nhap"
    assert other.sign_in("thanh", fields["password"]).status_code == 303
    stranger = visitors()
    assert stranger.post("/ma-mot-lan", {**fields, "password": "câu khác của người lạ", "again": "câu khác của người lạ"}).status_code == 422


def test_a_code_that_is_too_old_is_refused(visitor: Visitor, site: Site) -> None:
    with site.database.write() as db:
        code = accounts.issue_code(db, None, accounts.account_id(db, "thanh") or 0,
                                   dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=24, minutes=1))
    answer = visitor.post("/ma-mot-lan", {"username": "thanh", "code": code, "password": "mùa này lúa chín sớm",
                                             "again": "mùa này lúa chín sớm"})
    assert answer.status_code == 422


def test_a_changed_password_ends_the_other_sessions(visitor: Visitor, visitors: Callable[[], Visitor]) -> None:
    other = visitors()
    other.sign_in("hoa")
    visitor.sign_in("hoa")
    visitor.get("/tai-khoan/mat-khau")
    fields = {"current": PASSWORDS["hoa"], "password": "đường lên bản có hoa ban", "again": "đường lên bản có hoa ban"}
    wrong = visitor.post("/tai-khoan/mat-khau", {**fields, "current": "không phải"})
    assert wrong.status_code == 422
    assert Page(wrong.text).by_id("current").attrs["aria-invalid"] == "true"
    assert visitor.post("/tai-khoan/mat-khau", fields).status_code == 303
    assert signed_in(visitor)
    assert not signed_in(other)


def test_other_sessions_can_be_ended(visitor: Visitor, visitors: Callable[[], Visitor]) -> None:
    other = visitors()
    other.sign_in("hoa")
    visitor.sign_in("hoa")
    assert "1 thiết bị" in visitor.get("/tai-khoan").text
    visitor.post("/tai-khoan/ket-thuc-phien")
    assert signed_in(visitor)
    assert not signed_in(other)


def test_what_was_typed_survives_the_end_of_the_session(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("hoa")
    visitor.get("/tai-khoan/mat-khau")
    with site.database.write() as db:
        db.execute(sa.update(UserSession).values(ended_at=dt.datetime.now(dt.timezone.utc)))
    answer = visitor.post("/tai-khoan/ket-thuc-phien?x=1", {"note": "Đã gặp <em>hai</em> lần\nvà còn gặp nữa", "password": "geheim-x"})
    assert answer.status_code == 401
    carried = Page(answer.text).one("input", name="carried").attrs["value"]
    assert carried
    assert "geheim-x" not in answer.text
    again = visitor.post("/dang-nhap", {"username": "hoa", "password": PASSWORDS["hoa"], "carried": carried})
    page = Page(again.text)
    assert again.status_code == 200
    assert page.one("form", action="/tai-khoan/ket-thuc-phien?x=1")
    assert page.one("input", name="note").attrs["value"] == "Đã gặp <em>hai</em> lần\nvà còn gặp nữa"
    assert not page.all("input", name="password")
    assert not page.all("em")
    assert visitor.post("/tai-khoan/ket-thuc-phien?x=1", {"note": "x"}).status_code == 303


@pytest.mark.parametrize("forged", ["x", "WyIvYWNjb3VudCIsW11d.aaaa.bbbb", "é"])
def test_a_forged_form_is_not_handed_back(visitor: Visitor, forged: str) -> None:
    assert visitor.sign_in("hoa", carried=forged).status_code == 303


def test_the_check_cannot_be_switched_off(site: Site) -> None:
    with pytest.raises(RuntimeError, match="LOGIN_DISABLED"):
        create_app(site, LOGIN_DISABLED=True)


def test_there_is_no_remember_cookie(visitor: Visitor) -> None:
    visitor.sign_in("hoa", remember="1")
    assert visitor.client.get_cookie("remember_token") is None


def test_demo_accounts_are_shown_in_a_demo_alone(site: Site, app: Flask) -> None:
    with site.database.write() as db:
        db.add(Setting(key="demo.accounts", value='[{"username": "thu", "password": "p", "name": "Lý Thị Thu", "says": "Chỉ xem"}]'))
    assert "Lý Thị Thu" not in Visitor(app).get("/dang-nhap").text
    site.set_demo_today(TODAY)
    text = Visitor(app).get("/dang-nhap").text
    assert "Lý Thị Thu" in text
    assert "Dữ liệu mẫu" in text


def test_a_demo_account_is_one_tap_away(site: Site, app: Flask) -> None:
    listed = json.dumps([{"username": "hoa", "password": PASSWORDS["hoa"], "name": "Ma Thị Hoa", "says": {"vi": "Bí thư", "en": None}}])
    with site.database.write() as db:
        db.add(Setting(key="demo.accounts", value=listed))
    site.set_demo_today(TODAY)
    visitor = Visitor(app)
    visitor.get("/dang-nhap")
    assert visitor.page is not None
    fields = {e.attrs["name"]: e.attrs["value"] for e in visitor.page.all("input", type="hidden") if "td" in e.inside}
    assert set(fields) == {"csrf_token", "username", "password", "next"}
    assert visitor.post("/dang-nhap", fields).status_code == 303


def test_the_day_of_a_demo_moves_forward_and_never_back(site: Site, app: Flask) -> None:
    site.set_demo_today(TODAY)
    visitor = Visitor(app)
    visitor.sign_in("hoa")
    visitor.get("/")
    assert "05/03/2026" in visitor.post("/dung-thu/ngay", {"day": "5/3/2026", "back": "/tai-khoan"}, follow=True).text
    assert site.clock.today() == dt.date(2026, 3, 5)
    visitor.post("/dung-thu/ngay", {"day": "04/03/2026"})
    visitor.post("/dung-thu/ngay", {"day": "tomorrow"})
    assert site.clock.today() == dt.date(2026, 3, 5)
    assert signed_in(visitor)


def test_a_real_home_has_no_day_to_move(visitor: Visitor) -> None:
    visitor.sign_in("hoa")
    assert visitor.post("/dung-thu/ngay", {"day": "05/03/2026"}).status_code == 404
