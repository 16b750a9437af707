"""Sites served for real, and a hand that fills in their forms."""
from __future__ import annotations

import datetime as dt
import logging
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from rules import book
from web.app import create_app
from workflow import migrate
from workflow.db import Database
from workflow.demo import load as demo
from workflow.demo.accounts import WORD
from workflow.models import Account, Person
from workflow.site import Site, open_home

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter(e => e.offsetParent && !e.closest('p, li, .skip, dd'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.width < 24 || r.height < 24) })
    .map(e => e.outerHTML.slice(0, 120))"""


def load_demo(home: Path) -> None:
    """Load the demo set into an empty folder."""
    home.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home / 'nennep.sqlite3'}")
    migrate.upgrade(database)
    demo.load(database, book.load(), "lam-binh")
    database.dispose()


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, Site]]:
    """The address of the home, served until the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    site = open_home(home)
    server = make_server("127.0.0.1", 0, create_app(site), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", site
    finally:
        server.shutdown()
        thread.join()
        site.close()


@contextmanager
def serving_copy(home: Path, folder: Path) -> Iterator[tuple[str, Site]]:
    """The same of a copy, which may be written to."""
    shutil.copytree(home, folder)
    with serving(folder) as found:
        yield found


def sign_in(page: Any, address: str, username: str) -> None:
    """Sign in with a demo account; whoever was signed in is signed out first."""
    page.context.clear_cookies()
    page.goto(f"{address}/dang-nhap")
    page.fill("#username", username)
    page.fill("#password", WORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"{address}/")


def to_day(page: Any, site: Site, day: dt.date) -> None:
    """Move the demo's day forward with the button of the demo bar."""
    if site.clock.today() >= day:
        return
    page.locator(".demo-bar details").evaluate("e => e.open = true")
    page.fill("#demo-day", f"{day:%d/%m/%Y}")
    page.locator(".demo-bar form button").click()
    page.wait_for_load_state()
    site.refresh()
    assert site.clock.today() == day


def fill(page: Any, fields: Mapping[str, Any]) -> None:
    """Fill the form of the page by the names of its fields, whatever kind they are; folded parts are opened as needed."""
    page.locator("main details").evaluate_all("all => all.forEach(d => d.open = true)")
    for name, value in fields.items():
        field = page.locator(f"main form[method=post] [name='{name}']")
        kind = field.first.evaluate("e => e.tagName == 'INPUT' ? e.type : e.tagName.toLowerCase()")
        if kind == "radio":
            page.locator(f"main form [name='{name}'][value='{value}']").check()
        elif kind == "checkbox":
            field.first.set_checked(bool(value))
        elif kind == "select":
            if isinstance(value, str) and value.startswith("~"):
                options = field.first.locator("option").all_inner_texts()
                value = next(text for text in options if value[1:] in text)
                field.first.select_option(label=value)
            else:
                field.first.select_option(value)
        else:
            field.first.fill(f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value))


def send(page: Any) -> None:
    """Press the main button of the form."""
    page.locator("main form[method=post] button.btn-primary").first.click()
    page.wait_for_load_state()


def flawless(page: Any, where: str) -> None:
    """No finding of axe, nothing wider than the screen, no target too small for a finger."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    told = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in found]
    assert not told, f"{where}: {told}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{where} is too wide"
    small = page.evaluate(SMALL_TARGETS)
    assert not small, f"{where}: too small for a finger: {small}"



def name_of(site: Site, username: str) -> str:
    """The person behind a demo account."""
    with site.database.read() as session:
        return session.scalars(sa.select(Person.full_name).join(Account, Account.person_id == Person.id)
                               .where(Account.username == username)).one()
