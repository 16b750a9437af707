"""Reports on the site: the same figures as on the command line, numbers that lead to their lists, copies locked as sent."""
from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.web.casework import OFFICERS, TODAY
from tests.web.conftest import Visitor
from tests.web.registers import statements, unit
from workflow import engine, ratings, reports, units
from workflow.cli import cli
from workflow.models import Account, Case, Person
from workflow.ratings import Period, Said
from workflow.site import Site

Enter = Callable[[str], Visitor]
NAMES = ("funnel", "overdue", "ratings", "targets")
#: All whose figures come from what is kept here, with a picture or without.
ALL = tuple(sorted(reports.REPORTS.keys() - {"seeds"}))


@pytest.fixture
def told(town: Site) -> Site:
    """Ratings of two years beside the cases."""
    with town.database.write() as session:
        for code, year, label in (("K", 2024, "Hoàn thành tốt nhiệm vụ"), ("K", 2025, "Không hoàn thành nhiệm vụ"),
                                  ("C1", 2025, "Hoàn thành xuất sắc nhiệm vụ"), ("C2", 2025, "Hoàn thành tốt nhiệm vụ")):
            ratings.take_over(session, None, dt.date(2026, 1, 20), Said(code, Period.year(year), label, imported=True))
    return town


def figures(visitor: Visitor) -> list[list[str]]:
    """The rows of the table of a report."""
    assert visitor.page is not None
    found: list[list[str]] = []
    for e in visitor.page.elements:
        if e.tag == "tr" and "tbody" in e.inside:
            found.append([])
        elif e.tag in ("th", "td") and "tbody" in e.inside and found:
            found[-1].append(re.sub(r"\s*\((đếm|tính|nêu)\)$", "", e.text))
    return found


def bare(document: dict[str, Any]) -> list[Any]:
    """The rows of a document without the lists behind them."""
    return [{key: {k: v for k, v in cell.items() if k != "filter"} for key, cell in row["cells"].items()} for row in document["rows"]]


def total(page: str) -> int:
    """How many rows a list says it has."""
    found = re.search(r"([\d.]+) (?:hồ sơ|đơn vị|kết quả xếp loại|units?|ratings?|cases?)\b", page)
    return int(found[1].replace(".", "")) if found else 0


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_as_table_picture_and_file(enter: Enter, told: Site, name: str) -> None:
    visitor = enter("ban")
    assert visitor.get("/bao-cao").status_code == 200
    assert visitor.page is not None and visitor.page.one("a", href=f"/bao-cao/{name}")
    page = visitor.get(f"/bao-cao/{name}")
    assert page.status_code == 200 and "style=" not in page.text
    assert visitor.page.all("svg", class_="drawing") and figures(visitor)
    file = visitor.get(f"/bao-cao/{name}?format=csv")
    assert file.mimetype == "text/csv" and len(file.text.splitlines()) == len(figures(visitor)) + 1
    marks = {e.attrs["href"] for e in visitor.page.all("a", tabindex="-1")}
    beside = {e.attrs["href"] for e in visitor.page.all("a") if "tbody" in e.inside}
    assert marks <= beside, "every mark of the picture leads where the table leads"


@pytest.mark.parametrize("day", [TODAY, TODAY - dt.timedelta(days=100)])
@pytest.mark.parametrize("name", ALL)
def test_the_command_says_what_the_page_says(enter: Enter, told: Site, monkeypatch: pytest.MonkeyPatch, name: str, day: dt.date) -> None:
    visitor = enter("thuongvu")
    assert visitor.get(f"/bao-cao/{name}?unit={unit(told, 'G')}&on={day.isoformat()}").status_code == 200
    with told.database.read() as session:
        made = reports.run(session, name, unit="G", on=day)
    shown = figures(visitor)
    assert len(shown) == len(made.rows)
    for row, cells in zip(made.rows, shown, strict=True):
        if len(row.cells) > 1:
            assert cells == [reports.words(row.cells.get(c.id, reports.Cell(None)), c) or "–" for c in made.columns]
    monkeypatch.setenv("NENNEP_HOME", str(told.home))
    told.database.dispose()
    answer = CliRunner().invoke(cli, ["report", name, "--on", day.isoformat(), "--unit", "G", "--json"])
    assert answer.exit_code == 0, answer.output
    # A list of a past day is asked for by its day; how far past this is, the command knows from its own clock.
    assert bare(json.loads(answer.output)) == bare(reports.as_json(made))


@pytest.mark.parametrize("username", sorted([*OFFICERS, "giup"]))
def test_every_number_is_the_length_of_the_list_it_leads_to(enter: Enter, told: Site, username: str) -> None:
    visitor, followed = enter(username), 0
    if username in ("doan", "giup"):  # they see how far a case has come, not what it says
        assert {visitor.get(f"/bao-cao/{name}").status_code for name in NAMES} == {404}
        return
    for name in NAMES:
        assert visitor.get(f"/bao-cao/{name}").status_code == 200
        assert visitor.page is not None
        links = {(e.attrs["href"], e.text) for e in visitor.page.all("a") if "tbody" in e.inside and e.attrs.get("aria-label")}
        for url, text in sorted(links):
            page = visitor.get(url)
            assert page.status_code == 200 and total(page.text) == int(text.replace(".", "")), (name, url, text)
            followed += 1
    assert followed or username in ("bophan", "bithu2", "bithu3"), "all cases are those of one cell"


def test_the_past_is_told_as_it_stood(enter: Enter, told: Site) -> None:
    visitor = enter("ban")
    before = TODAY - dt.timedelta(days=4)
    visitor.get(f"/bao-cao/funnel?on={before.isoformat()}")
    assert visitor.page is not None
    then = next(e for e in visitor.page.all("a") if "tbody" in e.inside and "state=nominated" in e.attrs["href"])
    assert f"on={before.isoformat()}" in then.attrs["href"]
    visitor.get("/bao-cao/funnel")
    assert not [e for e in visitor.page.all("a") if "tbody" in e.inside and "state=nominated" in e.attrs["href"]], "dropped since"
    assert total(visitor.get(then.attrs["href"]).text) == int(then.text) == 1


def test_days_in_a_stage_are_the_median_of_those_who_left() -> None:
    from workflow.reports.funnel import median
    assert median([]) is None and median([7]) == 7 and median([9, 1, 5]) == 5
    assert reports.words(reports.Cell(median([1, 2])), reports.Column("d", reports.REPORTS["funnel"].title)) == "1,5"


def test_a_report_is_locked_as_sent_and_later_differences_are_explained(enter: Enter, told: Site) -> None:
    visitor, place = enter("ban"), unit(told, "G")
    url = f"/bao-cao/funnel?unit={place}&on={TODAY.isoformat()}"
    visitor.get(url)
    assert visitor.post(url, {"sent_to": ""}).status_code == 422
    answer = visitor.post(url, {"sent_to": "Tỉnh ủy", "paper": "Công văn 12"})
    assert answer.status_code == 303
    copy = answer.headers["Location"]
    assert visitor.get(copy).status_code == 200
    assert visitor.page is not None and "Công văn 12" in visitor.page.one("main").text
    changed = len(visitor.page.all("td"))
    with told.database.write() as session:
        person = session.scalars(sa.select(Person.id).where(Person.key == "C1-list_source")).first() \
            or session.scalars(sa.select(Case.subject_person_id).where(Case.state == "source_listed")).first()
        case = session.scalars(sa.select(Case.id).where(Case.subject_person_id == person)).one()
        account = session.scalars(sa.select(Account).where(Account.username == "bithu1")).one()
        engine.advance(session, case, "drop_source", engine_actor(account), on=TODAY, facts={"note.reason": "Không phấn đấu."},
                       second_reader=True)
    visitor.get(copy)
    assert len(visitor.page.all("td")) > changed and f"hồ sơ {case}" in visitor.page.one("main").text, "each difference names what happened"
    assert enter("bithu1").get(copy).status_code == 404, "a copy is seen by who sees its unit"


def engine_actor(account: Account):  # type: ignore[no-untyped-def]
    from workflow.context import Actor
    return Actor(account.id, account.person_id, account.username)


def test_who_only_looks_does_not_lock_and_nobody_sees_another_unit(enter: Enter, told: Site) -> None:
    visitor, place = enter("kiemtra"), unit(told, "G")
    visitor.get(f"/bao-cao/funnel?unit={place}")
    assert visitor.page is not None and not visitor.page.all("input", name="sent_to")
    assert visitor.post(f"/bao-cao/funnel?unit={place}", {"sent_to": "Tỉnh ủy"}).status_code == 403
    assert {visitor.get(f"/bao-cao/{name}?unit={unit(told, 'L')}").status_code for name in NAMES} == {404}
    assert visitor.get("/bao-cao/nothing").status_code == 404 and visitor.get("/bao-cao/ban-khoa/99").status_code == 404
    assert enter("quan.tri").get("/bao-cao").status_code == 404


def test_more_units_send_no_more_statements_and_pages_are_quick(enter: Enter, told: Site) -> None:
    visitor = enter("ban")
    for name in ("funnel", "overdue", "ratings"):
        visitor.get(f"/bao-cao/{name}")
    before = {}
    for name in ("funnel", "overdue", "ratings"):
        with statements(told) as sent:
            start = time.monotonic()
            visitor.get(f"/bao-cao/{name}")
            assert time.monotonic() - start < 2, f"{name} is slow even for a busy machine"
        before[name] = len(sent)
    with told.database.write() as session:
        for number in range(12):
            units.found(session, None, dt.date(2025, 7, 1), code=f"N{number}", name=f"Chi bộ {number}", kind="cell", parent="X")
            ratings.take_over(session, None, dt.date(2026, 1, 20), Said(f"N{number}", Period.year(2025), "Hoàn thành nhiệm vụ", imported=True))
    for name, number in before.items():
        with statements(told) as sent:
            assert visitor.get(f"/bao-cao/{name}").status_code == 200
        assert len(sent) <= number, name
