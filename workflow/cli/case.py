"""``nennep case``: cases as the site shows them. With ``--as`` in somebody's sight, else in that of whoever runs the machine."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rules.process import ProcessLaw
from rules.shape import Text
from rules.values import plain
from rules.verdict import Finding
from workflow import accounts, caselist, engine, journal, sight, tags, tree, waiting, words
from workflow.access import visible_cases
from workflow.cli.common import DAY, json_option, print_json, wrong_use
from workflow.cli.home import opened
from workflow.cli.rules import print_finding
from workflow.context import Actor, book_of
from workflow.errors import NotFound
from workflow.inputs import shown
from workflow.models import Account, Ballot, Case, Paper, Unit
from workflow.naming import names_of
from workflow.site import Site
from workflow.snapshot import Snapshot, load
from workflow.verdict import StepVerdict

_case: sa.Table = Case.__table__  # type: ignore[assignment]
_as = click.option("--as", "username", metavar="USER", help="Xem với quyền của tài khoản này (in the sight of this account).")
_on = click.option("--on", "on", type=DAY, metavar="D", help="Ngày xem, mặc định hôm nay (day to look from; default today).")
#: Whoever runs the machine reads the database anyway: no account, every section.
_WHOLE = frozenset(sight.SECTIONS)


@click.group()
def case() -> None:
    """Hồ sơ (cases)."""


@case.command("list")
@click.option("--state", metavar="STATE", help="Chỉ hồ sơ ở trạng thái này; trạng thái đóng cũng được (only this state).")
@click.option("--unit", "code", metavar="CODE", help="Chỉ trong đơn vị này và các đơn vị bên dưới (this unit and all below it).")
@click.option("--process", metavar="PROCESS", help="Chỉ quy trình này (only this process).")
@click.option("--all", "closed", is_flag=True, help="Cả hồ sơ đã đóng (closed cases too).")
@_as
@_on
@json_option
def list_(state: str | None, code: str | None, process: str | None, closed: bool, username: str | None, on: dt.date | None,
          as_json: bool) -> None:
    """Danh sách hồ sơ (open cases, narrowed as asked)."""
    with opened() as site:
        day = on or site.clock.today()
        if process and process not in site.book.processes:
            wrong_use(f"không có quy trình {process}; có: {', '.join(site.book.processes)} (no such process)", as_json)
        states = {s for law in site.book.processes.values() for s in law.all_states}
        if state and state not in states:
            wrong_use(f"không có trạng thái {state} (no such state); xem: nennep rules vocabulary", as_json)
        shut = {s for law in site.book.processes.values() for s in law.states.closed}
        with site.database.read() as session:
            desk = _desk(session, site, username, day, as_json)
            wanted = [desk.scope]
            if code:
                unit = tree.unit_on(session, code, day)
                if unit is None:
                    wrong_use(f"không có đơn vị {code} hoạt động vào ngày {shown(day)} (no such unit on that day)", as_json)
                wanted.append(tree.within(_case.c.unit_id, unit.id, day))
            wanted += [Case.state == state] if state else []
            wanted += [Case.process == process] if process else []
            wanted += [] if closed or state in shut else [Case.closed_on.is_(None)]
            rows = caselist.everything(session, desk, sa.and_(*wanted))
            codes = _codes(session, {r.unit_id for r in rows})
    if as_json:
        print_json([{"id": r.id, "process": r.process, "state": r.state, "subject": r.name, "unit": codes.get(r.unit_id),
                     "opened_on": r.opened_on.isoformat(), "state_since": r.state_since.isoformat(),
                     "closed_on": r.closed_on.isoformat() if r.closed_on else None, "due": r.due_kind,
                     "due_on": r.due_on.isoformat() if r.due_on else None} for r in rows])
        return
    for r in rows:
        label = _says(site.book.processes[r.process].all_states[r.state].label)
        due = f" · hạn {shown(r.due_on)}" if r.due_on else ""
        click.echo(f"{r.id} · {r.name} · {r.unit} · {label} [{r.state}] từ {shown(r.state_since)}{due}")
    click.echo(f"{len(rows)} hồ sơ (cases)")


@case.command()
@click.argument("number", type=int, metavar="ID")
@_as
@_on
@json_option
def show(number: int, username: str | None, on: dt.date | None, as_json: bool) -> None:
    """Một hồ sơ: trạng thái, dữ kiện, thời hạn, văn bản, biểu quyết, diễn biến (one case whole)."""
    with opened() as site:
        day = on or site.clock.today()
        with site.database.read() as session:
            found, sees = _seen(session, site, number, username, day, as_json)
            document = _document(session, found, sees, day)
    if as_json:
        print_json(document)
    else:
        _print_case(found.law, document)


@case.command()
@click.argument("number", type=int, metavar="ID")
@click.argument("step")
@click.option("--as", "username", metavar="USER", required=True, help="Ai định làm bước này (who means to take the step).")
@_on
@json_option
def explain(number: int, step: str, username: str, on: dt.date | None, as_json: bool) -> None:
    """Bước STEP làm được chưa, ai được làm, còn thiếu gì, sớm nhất ngày nào (may the step be taken, and why not)."""
    with opened() as site:
        day = on or site.clock.today()
        with site.database.read() as session:
            found, sees = _seen(session, site, number, username, day, as_json)
            try:
                verdict = engine.explain(session, number, step, _actor(session, username, as_json), on=day)
            except NotFound as error:
                wrong_use(f"{error} Các bước (steps): {', '.join(found.law.step_versions)}", as_json)
            units = [right.unit_id for right in verdict.permission.who]
            who = names_of(session, day, (), units)
            codes = _codes(session, {unit for unit in units if unit})
        if as_json:
            document = _hidden(verdict.as_json(), sees)
            print_json({**document, "who": [{**right, "unit": codes.get(right["unit"])} for right in document["who"]]})
        else:
            _print_verdict(site, verdict, sees, [
                f"{_role(site, right.role)}{f' tại {who.unit(right.unit_id)}' if right.unit_id else ''}"
                for right in verdict.permission.who])


# ---- what somebody sees

def _actor(session: Session, username: str, as_json: bool) -> Actor:
    account = session.get(Account, accounts.account_id(session, username) or 0)
    if account is None:
        wrong_use(f"không có tài khoản {username} (no such account)", as_json)
    return Actor(account.id, account.person_id, account.username, account.administrator)


def _desk(session: Session, site: Site, username: str | None, on: dt.date, as_json: bool) -> waiting.Desk:
    if username is None:
        return waiting.Desk(Actor(0, None), on, (), sa.true(), {}, {}, {})
    return waiting.desk(session, _actor(session, username, as_json), on)


def _seen(session: Session, site: Site, number: int, username: str | None, on: dt.date,
          as_json: bool) -> tuple[Snapshot, frozenset[str]]:
    """The case and the sections in sight; what is out of sight and what does not exist get the same answer."""
    actor = _actor(session, username, as_json) if username is not None else None
    query = sa.select(Case.id).where(Case.id == number)
    if actor is not None:
        query = query.where(visible_cases(actor, book_of(session), on))
    if session.scalar(query) is None:
        wrong_use(f"không có hồ sơ {number}, hoặc không được xem (no such case in sight)", as_json)
    found = load(session, site.book.processes, number, on)
    return found, sight.sections(sight.roles_on(session, actor, found, on)) if actor else _WHOLE


def _codes(session: Session, units: set[int]) -> dict[int, str]:
    return dict(session.execute(sa.select(Unit.id, Unit.code).where(Unit.id.in_(units))).all())


#: Collection -> the section in which it is shown.
_SECTION = {"introducers": "introducers", "relatives": "verification", "opinions": "opinions"}


def _document(session: Session, found: Snapshot, sees: frozenset[str], on: dt.date) -> dict[str, Any]:
    case_, facts = found.case, found.facts()
    rows = {name: facts.pop(name) for name in found.binding.children}
    names = names_of(session, on, [r.person_id for r in found.related], [case_["unit_id"]])
    document = {
        "id": found.id, "process": found.law.id, "state": case_["state"], "resume_state": case_["resume_state"],
        "subject": found.person["full_name"], "unit": {"code": found.line.unit.code, "name": found.line.unit.name},
        "decider": found.decider_code, "version": case_["version"], "opened_on": case_["opened_on"],
        "state_since": case_["state_since"], "closed_on": case_["closed_on"], "imported": bool(case_["imported"]),
        "duties": [{"kind": d["kind"], "started": d["started_on"], "due": d["due_on"], "former_due": d["former_due_on"],
                    "met": d["met_on"], "paused": d["paused_on"], "provisional": d["provisional"]} for d in found.duties],
        "related": [{"role": r.role, "person": names.person(r.person_id), "from": r.from_on, "to": r.to_on} for r in found.related],
    }
    if "values" in sees:
        document["facts"] = facts
    for name, value in rows.items():
        if _SECTION.get(name, "values") in sees:
            document[name] = {"declared": value.declared, "items": [dict(item) for item in value.items]}
    if "papers" in sees:
        document["papers"] = [{"kind": p.kind, "number": p.number, "date": p.issued_on, "kept_at": p.kept_at, "step": p.step,
                               "void": p.void} for p in session.scalars(sa.select(Paper).where(Paper.case_id == found.id).order_by(Paper.id))]
    if "votes" in sees:
        document["ballots"] = [{"step": b.step, "date": b.held_on, "round": b.round, "base": b.base, "needed": b.needed,
                                "for": b.votes_for, "against": b.against, "blank": b.blank, "carried": b.carried, "void": b.void}
                               for b in session.scalars(sa.select(Ballot).where(Ballot.case_id == found.id).order_by(Ballot.id))]
    if "history" in sees:
        document["history"] = [_entry(entry) for entry in reversed(journal.history(session, case_id=found.id))]
    return dict(plain(document))


def _entry(entry: journal.EntryView) -> dict[str, Any]:
    header = entry.header
    return {"seq": entry.stream_seq, "tag": entry.tag, "step": header.get("step"), "from": header.get("from"),
            "to": header.get("to"), "acted_on": entry.acted_on, "recorded_at": entry.recorded_at.isoformat(),
            "recorder": entry.recorder, "late": bool(header.get("late")), "edition": entry.edition, "hash": entry.hash}


def _hidden(document: dict[str, Any], sees: frozenset[str]) -> dict[str, Any]:
    """A verdict for somebody who may not see values: what is missing and whose it is, nothing of what is there."""
    if "values" in sees:
        return document

    def bare(finding: Mapping[str, Any]) -> dict[str, Any]:
        return {**finding, "values": {}, "first_day": None, "exceptions": [bare(e) for e in finding["exceptions"]]}

    return {**document, "findings": [bare(f) for f in document["findings"]], "first_day": None}


# ---- in words

def _print_case(law: ProcessLaw, document: Mapping[str, Any]) -> None:
    state = document["state"]
    click.echo(f"Hồ sơ {document['id']} · {_says(law.head.label)} · {document['subject'] or document['unit']['name']}")
    click.echo(f"  {document['unit']['name']} [{document['unit']['code']}] · {_says(law.all_states[state].label)} [{state}] "
               f"từ {_day(document['state_since'])} · lần ghi thứ {document['version']}")
    for duty in document["duties"]:
        end = f"xong {_day(duty['met'])}" if duty["met"] else "tạm dừng" if duty["paused"] else "đang chạy"
        click.echo(f"  hạn {_day(duty['due'])} · {duty['kind']} từ {_day(duty['started'])} · {end}")
    for name, value in document.get("facts", {}).items():
        if name in law.facts:
            click.echo(f"  {_says(law.facts[name].label) or name}: {_value(value)} [{name}]")
    for paper in document.get("papers", ()):
        click.echo(f"  văn bản {paper['kind']} {paper['number'] or ''} {_day(paper['date'])}{' (không còn giá trị)' if paper['void'] else ''}")
    for ballot in document.get("ballots", ()):
        click.echo(f"  biểu quyết {_day(ballot['date'])} {ballot['step']}: {ballot['for']}/{ballot['base']}, cần {ballot['needed']}"
                   f"{'' if ballot['carried'] else ', chưa đủ'}{' (không còn giá trị)' if ballot['void'] else ''}")
    for entry in document.get("history", ()):
        step = _says(law.step_versions[entry["step"]][-1].label) if entry["step"] in law.step_versions else tags.label(entry["tag"])
        click.echo(f"  {entry['seq']}. {_day(entry['acted_on'])} {step} ({entry['recorder'] or '–'})")


def _print_verdict(site: Site, verdict: StepVerdict, sees: frozenset[str], who: list[str]) -> None:
    answer = "làm được" if verdict.possible else "chưa làm được"
    click.echo(f"{_says(verdict.law.label)} · {verdict.on:%d/%m/%Y}: {answer}")
    for reason in verdict.permission.reasons:
        click.echo(f"  Quyền: {words.say(reason)}")
    if verdict.permission.reasons and who:
        click.echo(f"  Người được làm: {'; '.join(who)}")
    if not verdict.state_allows:
        click.echo(f"  Trạng thái: không làm được từ {verdict.state}")
    for problem in verdict.inputs:
        click.echo(f"  {problem.name}: {words.say(problem.code)}")
    for finding in verdict.judged.findings:
        print_finding(site.book, finding if "values" in sees else _bare(finding), "  ")
    if verdict.judged.first_day and not verdict.possible and "values" in sees:
        click.echo(f"  Sớm nhất: {shown(verdict.judged.first_day)}")
    if verdict.judged.first_day_reason:
        click.echo(f"  Chưa có ngày: {verdict.judged.first_day_reason}")


def _bare(finding: Finding) -> Finding:
    return replace(finding, values={}, first_day=None, exceptions=tuple(_bare(e) for e in finding.exceptions))


def _role(site: Site, role: str) -> str:
    office = site.book.offices.get(role)
    return _says(office.label) or role if office else role


def _says(text: Text | None) -> str:
    """A text of the law in Vietnamese."""
    return text.vi if text else ""


def _value(value: Any) -> str:
    return {True: "có", False: "không"}[value] if isinstance(value, bool) else str(value)


def _day(text: str | None) -> str:
    return shown(dt.date.fromisoformat(text)) if text else "–"
