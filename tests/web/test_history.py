"""The history: who reads which entries, every filter, pages by key, files, and what an entry shows."""
from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.casework import TODAY
from tests.web.conftest import Visitor
from tests.web.registers import statements, unit
from workflow import history
from workflow.context import Actor
from workflow.history import Filter
from workflow.models import Entry
from workflow.site import Site

Enter = Callable[[str], Visitor]


def entries(town: Site, key: str, wanted: Filter | None = None) -> list[Any]:
    with town.database.read() as session:
        actor = casework.actor(session, key)
        which = history.scope(actor, town.book, TODAY) & history.condition(wanted or Filter(), TODAY)
        return history.everything(session, which)


def total(visitor: Visitor) -> int:
    assert visitor.page is not None
    found = visitor.page.all("caption")
    return int(found[0].text.split()[0].replace(".", "")) if found else 0


def dropped(town: Site) -> int:
    with town.database.read() as session:
        return session.connection().scalar(sa.select(Entry.id).where(Entry.step == "drop_source")) or 0


@pytest.mark.parametrize(("key", "sees"), [("kiemtra", True), ("bithu1", True), ("ban", True), ("coso", True), ("bithu2", False),
                                           ("giup", False), ("khach", True), ("bithuk", False), ("quan.tri", False)])
def test_a_cases_history_is_read_through_an_office_that_sees_it(enter: Enter, town: Site, key: str, sees: bool) -> None:
    """``giup`` sees cases that she helps, but not their history; ``khach`` stands in for a signer."""
    visitor = enter(key)
    assert visitor.get(f"/lich-su/{dropped(town)}").status_code == (200 if sees else 404)
    if key != "quan.tri":
        assert bool(
            [e for e in entries(town, key) if e.header.get("step") == "drop_source"]) is sees


def test_no_entry_beyond_ones_units_is_read(town: Site) -> None:
    with town.database.read() as session:
        places = {k: c for c, k in session.connection().execute(sa.text("SELECT code, id FROM unit"))}
    for key, own in (("ban", {"G", "X", "S", "C1", "C2", "C3", "K", "D"}), ("bithu2", {"C2"})):
        seen = {places[e.unit_id] for e in entries(town, key) if e.unit_id}
        assert seen <= own, key
        assert not [e for e in entries(town, key) if e.stream.startswith("account:")]
    with town.database.read() as session:
        which = history.scope(Actor(1, None, "x", True), town.book, TODAY)
        assert history.total(session, which) == 0


@pytest.mark.parametrize(("query", "wanted"), [
    (f"acted_from={TODAY}", Filter(acted_from=TODAY)), ("acted_to=30/06/2025", Filter(acted_to=dt.date(2025, 6, 30))),
    (f"recorded_from={TODAY}&recorded_to={TODAY}", Filter(recorded_from=TODAY, recorded_to=TODAY)),
    ("person=hoang+van+bach", Filter(person="hoàng văn bách")), ("step=drop_source", Filter(step="drop_source")),
    ("tag=case:case:import", Filter(tag="case:case:import")), ("late=yes", Filter(late=True)), ("late=no", Filter(late=False)),
    ("account=bithu1", Filter(account="bithu1")), ("rule=AGE.MIN", Filter(rule="AGE.MIN")), ("outcome=met", Filter(outcome="met")),
    ("rule=AGE.MIN&outcome=not_met", Filter(rule="AGE.MIN", outcome="not_met"))])
def test_every_filter_narrows_as_it_says(enter: Enter, town: Site, query: str, wanted: Filter) -> None:
    def fits(e: Any) -> bool:
        header, rules = e.header, e.header.get("rules") or {}
        local = e.recorded_at.astimezone(dt.timezone(dt.timedelta(hours=7))).date()
        return all((
            wanted.acted_from is None or e.acted_on >= wanted.acted_from, wanted.acted_to is None or e.acted_on <= wanted.acted_to,
            wanted.recorded_from is None or wanted.recorded_from <= local, wanted.recorded_to is None or local <= wanted.recorded_to,
            wanted.step is None or header.get("step") == wanted.step, wanted.tag is None or e.tag == wanted.tag,
            wanted.late is None or bool(header.get("late")) is wanted.late,
            wanted.account is None or e.recorder == "Hoàng Văn Bách", wanted.rule is None or wanted.rule in rules,
            wanted.outcome is None or (rules.get(wanted.rule) == wanted.outcome if wanted.rule else wanted.outcome in rules.values())))
    if wanted.person is None:
        assert [e.id for e in entries(town, "kiemtra", wanted)] == [e.id for e in entries(town, "kiemtra") if fits(e)]
    visitor = enter("kiemtra")
    assert visitor.get(f"/lich-su?{query}").status_code == 200
    assert total(visitor) == len(entries(town, "kiemtra", wanted))


def test_a_persons_acts_are_his_case_what_he_signed_and_his_offices(town: Site) -> None:
    found = entries(town, "kiemtra", Filter(person="hoang van bach"))
    assert {e.tag for e in found} >= {"case:step:take", "person:office:grant", "person:person:add"}
    with town.database.read() as session:
        name = session.connection().scalar(sa.text("SELECT full_name FROM person WHERE key = 'C1-nominated'"))
    assert "drop_source" in {e.header.get("step") for e in entries(town, "kiemtra", Filter(person=name))}


def test_a_unit_means_all_below_it(town: Site) -> None:
    whole, base, other = (entries(town, "kiemtra", Filter(unit=unit(town, code))) for code in ("G", "X", "C2"))
    assert {e.id for e in base} < {e.id for e in whole}
    assert not {e.id for e in other} & {e.id for e in base if e.case_id}


def test_pages_follow_by_key_and_meet_every_entry_once(enter: Enter, town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.history.SIZE", 13)
    visitor, met = enter("kiemtra"), []
    path = "/lich-su"
    while path:
        visitor.get(path)
        assert visitor.page is not None
        met += [int(e.attrs["href"].rsplit("/", 1)[1]) for e in visitor.page.all("a") if e.attrs["href"].startswith("/lich-su/")]
        after = visitor.page.all("a", rel="next")
        path = after[0].attrs["href"] if after else ""
    assert met == [e.id for e in reversed(entries(town, "kiemtra"))]


def test_the_file_holds_the_filtered_rows_and_no_formula(enter: Enter, town: Site) -> None:
    with town.database.write() as session:
        session.connection().execute(sa.text("UPDATE person SET full_name = '=1+1' WHERE key = 'C1-nominated'"))
    answer = enter("kiemtra").get("/lich-su?step=drop_source&format=csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 2 and len(rows[0]) == len(rows[1])
    assert "'=1+1" in rows[1] and "case:" in rows[1][-2]
    assert rows[1][6] == "Quần chúng ưu tú được giới thiệu", "the file says states in words, like the page"


def test_an_entry_shows_its_header_its_law_and_its_proof(enter: Enter, town: Site) -> None:
    visitor = enter("kiemtra")
    visitor.get(f"/lich-su/{dropped(town)}")
    assert visitor.page is not None
    text = visitor.page.one("main").text
    assert "Hoàng Văn Bách" in text and "Bí thư chi bộ" in text and "nhập muộn" in text
    assert "Quần chúng ưu tú được giới thiệu" in text and "Chuyển đi nơi khác." in text
    assert town.book.edition in text and "bản đang dùng" in text
    assert "nội dung, mã băm và các phần khớp nhau" in text and "nennep audit verify" in text


def test_an_entry_changed_behind_the_journal_says_so(enter: Enter, town: Site) -> None:
    with town.database.engine.begin() as connection:
        for trigger in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(sa.text(f'DROP TRIGGER "{trigger}"'))
        connection.execute(sa.text("UPDATE part SET body = replace(body, 'Chuyển', 'Dời') WHERE entry_id = :e"), {"e": dropped(town)})
    visitor = enter("kiemtra")
    visitor.get(f"/lich-su/{dropped(town)}")
    assert "không còn khớp mã băm" in visitor.page.text  # type: ignore[union-attr]


def test_every_entry_in_sight_opens(enter: Enter, town: Site) -> None:
    visitor = enter("kiemtra")
    kinds: dict[str, int] = {}
    for entry in entries(town, "kiemtra"):
        kinds.setdefault(entry.tag + str(entry.header.get("step")), entry.id)
    assert len(kinds) >= 8
    assert [tag for tag, id_ in kinds.items() if visitor.get(f"/lich-su/{id_}").status_code != 200] == []


@pytest.mark.parametrize("query", ["before=x", "before=99999999999999", "before=-1", "unit=99999", "unit=%27", "case=abc", "case=%00x", "rule=%22",
                                   "acted_from=31/02/2026", "person=%25%5F", "format=pdf", "step=nothing", "late=perhaps", "account=%F0%9F%98%80"])
def test_odd_addresses_never_end_in_an_error_of_ours(enter: Enter, query: str) -> None:
    assert enter("kiemtra").get(f"/lich-su?{query}").status_code in (200, 400)


def test_more_entries_send_no_more_statements(enter: Enter, town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = enter("kiemtra")
    counts = []
    for size in (3, 40):
        monkeypatch.setattr("web.history.SIZE", size)
        visitor.get("/lich-su")
        with statements(town) as sent:
            visitor.get("/lich-su")
        counts.append(len(sent))
    assert counts[0] == counts[1]
    with statements(town) as sent:
        visitor.get(f"/lich-su/{dropped(town)}")
    assert len(sent) <= 24
