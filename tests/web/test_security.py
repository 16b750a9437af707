"""What every answer promises the browser, which requests are refused unread, and that nothing makes the site fail."""
from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Visitor
from web import access
from web.access import POLICY, Policy
from web.app import create_app
from web.security import CONTENT_POLICY
from workflow.site import Site

WEB = Path(__file__).parents[2] / "web"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def routes(app: Flask) -> list[tuple[str, str, set[str]]]:
    """Endpoint, an address of it, and its methods; ids are those of nothing."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda m: "1", rule.rule)
            found.append((rule.endpoint, path, set(rule.methods or ())))
    return found


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/dang-nhap", 200), ("GET", "/", 302), ("GET", "/nothing", 404), ("DELETE", "/dang-nhap", 405), ("POST", "/dang-nhap", 400),
    ("GET", "/static/app.css", 200), ("GET", "/static/none.css", 404), ("GET", "/health", 200),
])
def test_headers_stand_on_every_answer(app: Flask, method: str, path: str, status: int) -> None:
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert ("no-store" in answer.headers.get("Cache-Control", "")) is not path.startswith("/static")
    assert "Python" not in answer.headers.get("Server", "")


def test_the_content_policy_is_the_strict_one() -> None:
    assert CONTENT_POLICY == ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
                              "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'")


def test_templates_hold_nothing_that_the_policy_would_stop() -> None:
    pattern = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b|https?://(?!www\.w3\.org)", re.I)
    wrong = [f"{path.name}: {hit.group()}" for path in (WEB / "templates").rglob("*.html")
             for hit in pattern.finditer(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_vendored_files_are_the_published_ones() -> None:
    vendor = WEB / "static" / "vendor"
    listed = json.loads((vendor / "manifest.json").read_text(encoding="utf-8"))
    there = {p.relative_to(vendor).as_posix() for p in vendor.rglob("*") if p.is_file()} - {"manifest.json"}
    assert there == set(listed)
    for name, about in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == about["sha256"], name
    assert (WEB / "static" / "app.js").stat().st_size <= 5_000


def test_assets_may_be_kept_because_their_address_changes_with_them(app: Flask) -> None:
    page = app.test_client().get("/dang-nhap").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) == 4
    for address in addresses:
        plain = app.test_client().get(address.replace("&amp;", "&"))
        assert "immutable" in plain.headers["Cache-Control"]
        packed = app.test_client().get(address.replace("&amp;", "&"), headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]


def test_pages_are_not_compressed(app: Flask) -> None:
    assert "Content-Encoding" not in app.test_client().get("/dang-nhap", headers={"Accept-Encoding": "gzip"}).headers


# -- who may knock ------------------------------------------------------------------------------------------------


def test_every_page_has_a_policy(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in routes(app)} == set(POLICY)


def test_a_page_without_a_policy_stops_the_start_and_opens_to_nobody(site: Site) -> None:
    app = create_app(site)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(RuntimeError, match="forgotten"):
        access.check_policies(app)
    visitor = Visitor(app)
    visitor.sign_in("quan.tri")
    assert visitor.get("/forgotten").status_code == 404


def test_nothing_but_public_pages_opens_to_strangers(app: Flask) -> None:
    for endpoint, path, methods in routes(app):
        if "GET" in methods and POLICY[endpoint] is not Policy.PUBLIC:
            answer = app.test_client().get(path)
            assert answer.status_code == 302, endpoint
            assert answer.location.startswith("/dang-nhap"), endpoint


def test_every_change_needs_the_token_of_the_visitor(app: Flask, visitor: Visitor, visitors: Callable[[], Visitor]) -> None:
    visitor.sign_in("hoa")
    foreign = visitors().token()
    for endpoint, path, methods in routes(app):
        for method in methods & set(UNSAFE):
            for token in (None, "", "x", foreign):
                answer = visitor.client.open(path, method=method, data={} if token is None else {"csrf_token": token})
                assert answer.status_code == 400, (endpoint, method, token)


def test_reading_changes_nothing(app: Flask, visitor: Visitor, site: Site) -> None:
    def content() -> list[str]:
        with site.database.read() as session:
            raw = session.connection().connection.driver_connection
            return [line for line in raw.iterdump() if '"user_session"' not in line]

    visitor.sign_in("hoa")
    before = content()
    for _, path, methods in routes(app):
        if "GET" in methods:
            visitor.get(path)
    assert content() == before


def test_pages_of_other_sites_cannot_send_forms(visitor: Visitor) -> None:
    for site in ("cross-site", "same-site"):
        assert visitor.post("/ngon-ngu", {"language": "en"}, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert visitor.post("/ngon-ngu", {"language": "en"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.parametrize(("host", "status"), [
    ("localhost", 200), ("localhost:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("10.1.2.3", 200),
    ("evil.example", 400), ("127.0.0.1.evil.example", 400), ("localhost.evil.example:8000", 400), ("", 400), ("a b", 400),
])
def test_only_names_of_this_site_are_answered(app: Flask, host: str, status: int) -> None:
    assert app.test_client().get("/dang-nhap", headers={"Host": host}).status_code == status


def test_the_public_name_is_answered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NENNEP_URL", "http://nen-nep.example.vn:8080")
    assert create_app(site).test_client().get("/dang-nhap", headers={"Host": "nen-nep.example.vn:8080"}).status_code == 200


def test_forwarded_addresses_of_strangers_are_not_believed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    for proxies in ("0", "1"):
        monkeypatch.setenv("NENNEP_PROXIES", proxies)
        app = create_app(site)
        app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
        app.test_client().get("/health", headers={"X-Forwarded-For": "203.0.113.9"})
    assert seen == ["127.0.0.1", "203.0.113.9"]


# -- the same answer for what is not there and what is not yours ---------------------------------------------------------


def test_what_is_not_there_and_what_is_not_yours_look_alike(visitor: Visitor) -> None:
    visitor.sign_in("hoa")
    token = visitor.token()
    nothing = visitor.client.post("/no/such/page", data={"csrf_token": token})
    not_yours = visitor.client.post("/dung-thu/ngay", data={"csrf_token": token, "day": "05/03/2026"})
    strip = re.compile(r'name="csrf_token" value="[^"]*"')
    assert nothing.status_code == not_yours.status_code == 404
    assert strip.sub("", nothing.text) == strip.sub("", not_yours.text)


def test_faults_show_nothing_of_the_inside(site: Site) -> None:
    app = create_app(site)

    def fail() -> str:
        raise ZeroDivisionError("secret detail")

    app.view_functions["health.live"] = fail
    answer = app.test_client().get("/health")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert "Mã tra cứu" in answer.text


# -- nothing that is sent makes the site fail ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [
    "/%00", "/%ff%fe", "/dang-nhap?next=%00", "/dang-nhap?next=%ff", "/dang-nhap?a%00b=1", "/dang-nhap?" + "a=1&" * 3000,
    "/" + "a" * 9000, "/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static//etc/passwd", "//", "/.git/config",
    "/dang-nhap?next[]=1&next=2", "/dang-nhap;x=1", "/%F0%9F%98%80",
])
def test_odd_addresses(visitor: Visitor, path: str) -> None:
    assert visitor.client.get(path).status_code < 500
    assert b"create_app" not in visitor.client.get(path).data


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND", "FOO", "get", "x-y"])
def test_odd_methods(visitor: Visitor, method: str) -> None:
    for path in ("/", "/dang-nhap", "/tai-khoan", "/nothing", "/static/app.css"):
        assert visitor.client.open(path, method=method).status_code < 500


@pytest.mark.parametrize(("body", "kind"), [
    (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"), (b"username=%ff%fe&password=%00", "application/x-www-form-urlencoded"),
    (b"[1]", "application/json"), (b"{", "application/json"), (b"null", "application/json"), (b'{"username": 1}', "application/json"),
    (b"--x", "multipart/form-data; boundary=x"), (b"", "multipart/form-data"), (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"a" * 100, "text/plain; charset=nonsense"), (b"a=1", "application/x-www-form-urlencoded; charset=utf-7"),
    (b'--x\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\nx\r\n--x--\r\n', "multipart/form-data; boundary=x"),
])
def test_odd_bodies_with_a_good_token(visitor: Visitor, body: bytes, kind: str) -> None:
    token = visitor.token()
    for path in ("/dang-nhap", "/ma-mot-lan", "/ngon-ngu", "/dang-xuat"):
        answer = visitor.client.post(path, data=body, content_type=kind, headers={"X-CSRFToken": token})
        assert answer.status_code < 500


def test_too_much_is_refused(visitor: Visitor) -> None:
    token = visitor.token()
    assert visitor.post("/dang-nhap", {"username": "a" * 1_100_000}).status_code == 413
    many = {f"f{n}": "1" for n in range(3_000)}
    assert visitor.client.post("/dang-nhap", data={"csrf_token": token, **many}).status_code == 413
    assert visitor.client.post("/dang-nhap", data={"csrf_token": token, **many}, content_type="multipart/form-data").status_code == 413


def test_repeated_keys_count_once(visitor: Visitor) -> None:
    token = visitor.token()
    answer = visitor.client.post("/dang-nhap", data={"csrf_token": token, "username": ["a", "b"], "password": ["x", "y"]})
    assert answer.status_code == 422


@pytest.mark.parametrize("cookie", ["x", "....", "a" * 5000, "eyJfdXNlcl9pZCI6MX0.x.y", "é"])
def test_odd_cookies(app: Flask, cookie: str) -> None:
    client = app.test_client()
    client.set_cookie("nennep", cookie)
    client.set_cookie("nennep_lang", cookie)
    assert client.get("/").status_code == 302
    assert client.get("/dang-nhap").status_code == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(username=st.text(max_size=300), password=st.text(max_size=300), next=st.text(max_size=60))
def test_any_text_in_the_sign_in_form(app: Flask, username: str, password: str, next: str) -> None:
    """The page answers with words, whatever was typed, and never repeats it unescaped."""
    visitor = Visitor(app)
    data = {"username": username.encode("utf-8", "replace"), "password": password.encode("utf-8", "replace"),
            "next": next.encode("utf-8", "replace")}
    answer = visitor.post("/dang-nhap", {**data, "username": b"<script>" + data["username"]})
    assert answer.status_code in {303, 400, 422}
    assert "<script>" not in answer.text


# -- typed text survives a stale page, but never a foreign one ---------------------------------------------------------


def test_a_stale_page_hands_the_text_back(visitor: Visitor) -> None:
    visitor.sign_in("hoa")
    data = {"note": "Đã viết rất dài", "csrf_token": "stale", "password": "x"}
    kept = visitor.client.post("/tai-khoan/ket-thuc-phien", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert kept.status_code == 400
    assert 'name="note" value="Đã viết rất dài"' in kept.text
    assert 'name="password"' not in kept.text
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        assert "Đã viết" not in visitor.client.post("/tai-khoan/ket-thuc-phien", data=data, headers=headers).text


def test_a_database_that_fails_is_said(visitor: Visitor, site: Site) -> None:
    visitor.sign_in("hoa")
    with site.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE user_session RENAME TO gone")
    answer = visitor.client.get("/tai-khoan")
    assert answer.status_code == 503
    assert "Mã tra cứu" in answer.text
    assert "user_session" not in answer.text
