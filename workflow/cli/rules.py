"""``nennep rules``: check the law, look into it, decide by it."""
from __future__ import annotations

import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from rules import yaml12
from rules.book import Rulebook, load
from rules.check import check as check_law
from rules.dated import NotInForce
from rules.diff import diff as diff_of
from rules.loader import LawError, Problem, near
from rules.nodes import ACT_ON, RuleError
from rules.values import read_facts
from rules.verdict import Finding, Verdict
from rules.verdict import decide as decide_step
from rules.vocabulary import rule_document
from rules.vocabulary import vocabulary as vocabulary_of
from workflow.binding import check as check_binding
from workflow.bindings import BINDINGS
from workflow.cli.common import (
    DAY,
    json_option,
    law_option,
    open_law,
    paths_of,
    print_json,
    print_problems,
    wrong_use,
)

_HASH = re.compile(r"[0-9a-f]{8,64}\Z")
OUTCOMES = {"met": "đạt", "not_met": "không đạt", "unknown": "chưa đủ dữ kiện", "not_applicable": "không áp dụng"}


@click.group()
def rules() -> None:
    """Quy định: kiểm tra, tra cứu, quyết định (the law: check it, look into it, decide by it)."""


@rules.command()
@law_option
@json_option
def check(law: tuple[Path, ...], as_json: bool) -> None:
    """Chứng minh bộ quy định dùng được: trích dẫn, hiệu lực, quy trình, mọi ví dụ (prove that the law is sound)."""
    # A law named on the command line is only being looked at; the one in use here must also fit the tables.
    report = check_law(paths_of(law), hooks=[] if law else [_bindings])
    if as_json:
        print_json({"ok": not report.errors, "edition": report.book.edition if report.book else None,
                    "counts": report.counts, "problems": [p.as_json() for p in report.problems]})
    else:
        print_problems(report.problems)
        if report.errors:
            click.echo(f"Có {len(report.errors)} lỗi (errors).")
        else:
            counts = ", ".join(f"{number} {name}" for name, number in report.counts.items())
            click.echo(f"Quy định hợp lệ (the law is sound): {counts}.")
            click.echo(f"Ấn bản (edition): {report.book.edition if report.book else ''}")
    sys.exit(1 if report.errors else 0)


@rules.command()
@law_option
@json_option
def vocabulary(law: tuple[Path, ...], as_json: bool) -> None:
    """Mọi tên trong quy định, kèm kiểu và tên gọi (every name of the law, with type and label)."""
    document = vocabulary_of(open_law(law, as_json))
    if as_json:
        print_json(document)
        return
    for id_, process in document["processes"].items():
        click.echo(f"# {id_}: {process['label']['vi']}")
        for section, title in (("states", "Trạng thái"), ("steps", "Bước"), ("facts", "Dữ kiện"), ("papers", "Văn bản"),
                               ("duties", "Thời hạn")):
            click.echo(f"\n## {title} ({section})")
            for name, item in process[section].items():
                kind = f" [{item['type']}]" if "type" in item else ""
                click.echo(f"{name}{kind}  {item['label']['vi'] or ''}")
        click.echo()
    for section, title in (("parameters", "Tham số"), ("offices", "Chức trách"), ("unit_kinds", "Loại tổ chức")):
        click.echo(f"# {title} ({section})")
        for name, item in document[section].items():
            click.echo(f"{name}  {item['label']['vi'] or ''}")
        click.echo()


@rules.command()
@click.argument("rule", metavar="RULE")
@click.option("--on", "on", type=DAY, required=True, metavar="D", help="Ngày xét (the day whose law counts).")
@law_option
@json_option
def show(rule: str, on: dt.date, law: tuple[Path, ...], as_json: bool) -> None:
    """Một quy tắc vào một ngày: nội dung, điều khoản, giá trị, các phiên bản (one rule on one day)."""
    book = open_law(law, as_json)
    try:
        document = rule_document(book, rule, on)
    except KeyError:
        known = {r for p in (*book.processes.values(), book.common) for r in (*p.rule_versions, *p.layer_rules)}
        wrong_use(f"không có quy tắc {rule} (no such rule){near(rule, known)}", as_json)
    except NotInForce as error:
        wrong_use(f"{error}", as_json)
    if as_json:
        print_json(document)
        return
    click.echo(f"{rule}: {document['says']['vi']}")
    for name, title in (("when", "Điều kiện"), ("applies", "Áp dụng khi"), ("severity", "Mức"), ("confidence", "Độ tin")):
        if document[name]:
            click.echo(f"  {title}: {document[name]}")
    click.echo(f"  Hiệu lực: {document['since']} – {document['until'] or 'nay'}")
    for cite in document["cites"]:
        click.echo(f"  Căn cứ: {cite['number'] or cite['document']}, {cite['clause']}")
    for name, value in document["parameters"].items():
        layer = f" (lớp {value['layer']})" if value["layer"] else ""
        click.echo(f"  {name} = {value['value']} từ {value['since']}{layer}")
    for name, title in (("unless", "Trừ khi đạt"), ("fixed_by", "Ai bổ sung"), ("steps", "Các bước hỏi đến")):
        if document[name]:
            click.echo(f"  {title}: {', '.join(document[name])}")


@rules.command()
@click.argument("process", metavar="PROCESS")
@click.argument("step", metavar="STEP")
@click.option("--on", "on", type=DAY, required=True, metavar="D", help="Ngày của việc (the day of the act).")
@click.option("--facts", "facts", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="FILE", help="Tệp YAML hoặc JSON: tên dữ kiện -> giá trị (facts by dotted name).")
@click.option("--unit", "unit", metavar="CODE", help="Áp dụng lớp quy định của đúng tổ chức này (layers of this unit).")
@click.option("--exit-code", "exit_code", is_flag=True, help="Thoát 1 khi chưa đạt (exit 1 unless the outcome is met).")
@law_option
@json_option
def decide(process: str, step: str, on: dt.date, facts: Path, unit: str | None, exit_code: bool,
           law: tuple[Path, ...], as_json: bool) -> None:
    """Quyết định một bước chỉ từ dữ kiện, không cần cơ sở dữ liệu (decide a step from facts alone)."""
    book = open_law(law, as_json)
    if process not in book.processes:
        wrong_use(f"không có quy trình {process} (no such process){near(process, book.processes, 'expected one of ')}",
                  as_json)
    known = book.processes[process]
    if step not in known.step_versions:
        wrong_use(f"quy trình {process} không có bước {step} (no such step){near(step, known.step_versions)}", as_json)
    given = _facts(book, process, facts, on, as_json)
    try:
        verdict = decide_step(book, known, step, given, on, units=(unit,) if unit else (), explain=True)
    except (NotInForce, RuleError) as error:
        wrong_use(str(error), as_json)
    if as_json:
        print_json(verdict.as_json())
    else:
        _print_verdict(book, verdict)
    sys.exit(1 if exit_code and verdict.outcome != "met" else 0)


def _facts(book: Rulebook, process: str, path: Path, on: dt.date, as_json: bool) -> dict[str, Any]:
    """The facts of a file, read by their types; everything that is wrong at once, and exit 2."""
    try:
        tree = yaml12.read(path.read_bytes())
        if tree.problems:
            raise tree.problems[0]
    except yaml12.YamlError as error:
        wrong_use(f"{path.name}:{error.line}: {error.message}", as_json)
    except OSError as error:
        wrong_use(f"{path.name}: {error.strerror}", as_json)
    raw = {} if tree.value is None else tree.value
    if not isinstance(raw, dict):
        wrong_use(f"{path.name}: tệp phải gồm các dòng `tên.dữ_kiện: giá trị` (expected facts by dotted name)", as_json)
    given = {"ballot.votes_for" if name == "ballot.for" else name: value for name, value in raw.items()}
    facts, wrong = read_facts(given, book.processes[process].facts)
    if facts.get(ACT_ON, on) != on:
        wrong.append((ACT_ON, f"found {facts[ACT_ON]}, but --on says {on}; leave it out"))
    if wrong:
        errors = [{"fact": name, "line": tree.line((name.split("[")[0],)), "message": message} for name, message in wrong]
        if not as_json:
            for item in errors:
                click.echo(f"Lỗi: {path.name}:{item['line']}: {item['fact']}: {item['message']}", err=True)
            sys.exit(2)
        wrong_use("facts", as_json, errors=errors)
    return facts


def _print_verdict(book: Rulebook, verdict: Verdict) -> None:
    click.echo(f"{verdict.process} · {verdict.step} · {verdict.on:%d/%m/%Y}: {OUTCOMES[verdict.outcome]}")
    for finding in verdict.findings:
        print_finding(book, finding, "  ")
    ballot = verdict.ballot
    if ballot is not None and ballot.needed is not None:
        click.echo(f"  Biểu quyết: cần {ballot.needed} trên {ballot.base}: {'đạt' if ballot.carried else 'không đủ'}")
    if ballot is not None and ballot.problems:
        click.echo(f"  Biểu quyết: số liệu không thể có ({', '.join(ballot.problems)})")
    if verdict.outcome != "met" and verdict.first_day is not None:
        click.echo(f"  Sớm nhất: {verdict.first_day:%d/%m/%Y}")
    if verdict.first_day_reason:
        click.echo(f"  Chưa có ngày: {verdict.first_day_reason}")


def print_finding(book: Rulebook, finding: Finding, indent: str, lead: str = "") -> None:
    """A finding with what is missing, the values it rests on, its clauses and its exceptions."""
    click.echo(f"{indent}{lead}[{OUTCOMES[finding.outcome]}] {finding.rule}: {finding.says.vi}")
    if finding.outcome in ("met", "not_applicable"):
        return
    if finding.missing:
        click.echo(f"{indent}    thiếu: {', '.join(finding.missing)}")
    if finding.values:
        click.echo(f"{indent}    {', '.join(f'{n} = {_shown(v)}' for n, v in finding.values.items())}")
    cites = [f"{book.documents[c.document].number if c.document in book.documents else c.document} {c.clause}"
             for c in finding.cites]
    if cites:
        click.echo(f"{indent}    căn cứ: {'; '.join(cites)} (độ tin {finding.confidence or '?'})")
    for exception in finding.exceptions:
        print_finding(book, exception, indent + "    ", "trừ khi ")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@rules.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--exit-code", "exit_code", is_flag=True, help="Thoát 1 khi có khác nhau (exit 1 when they differ).")
@json_option
def diff(old: str, new: str, exit_code: bool, as_json: bool) -> None:
    """Khác nhau giữa hai bộ quy định: thư mục, tệp ấn bản, hoặc mã ấn bản đã lưu (folders or editions)."""
    a, b = _edition(old, as_json), _edition(new, as_json)
    changes = diff_of(a.canonical, b.canonical)
    if as_json:
        print_json({"old": a.edition, "new": b.edition, "changes": [c.as_json() for c in changes]})
    else:
        for change in changes:
            click.echo(str(change))
        click.echo(f"{len(changes)} khác biệt (changes): {a.edition[:12]} -> {b.edition[:12]}")
    sys.exit(1 if exit_code and changes else 0)


def _edition(named: str, as_json: bool) -> Rulebook:
    """The law that a folder, a file with the text of an edition, or the hash of a stored edition names."""
    path = Path(named)
    try:
        if path.is_dir() or path.suffix in (".yaml", ".yml"):
            return load([path])
        if path.is_file():
            return Rulebook.from_canonical(path.read_text(encoding="utf-8").strip())
        if _HASH.match(named):
            return Rulebook.from_canonical(_stored_edition(named, as_json))
    except LawError as error:
        if as_json:
            print_json({"error": "law", "problems": [p.as_json() for p in error.problems]})
        else:
            print_problems(error.problems, err=True)
        sys.exit(1)
    except (ValueError, KeyError, OSError) as error:
        wrong_use(f"{named}: không phải ấn bản quy định (not an edition): {error}", as_json)
    wrong_use(f"{named}: không có thư mục, tệp hay ấn bản này (no such folder, file or edition)", as_json)


def _stored_edition(start: str, as_json: bool) -> str:
    """The text of the one stored edition whose hash begins so."""
    from workflow.db import Database
    from workflow.models import Edition
    from workflow.site import database_url, home_folder

    database = Database(database_url(home_folder()))
    try:
        with database.read() as session:
            texts = session.execute(sa.select(Edition.hash, Edition.canonical)
                                    .where(Edition.hash.startswith(start, autoescape=True)).limit(2)).all()
    except sa.exc.SQLAlchemyError:
        texts = []
    finally:
        database.dispose()
    if len(texts) != 1:
        said = "nhiều hơn một ấn bản (more than one edition)" if texts else "không có ấn bản (no such edition)"
        wrong_use(f"{start}: {said}", as_json)
    return str(texts[0].canonical)


def _bindings(book: Rulebook) -> list[Problem]:
    """Every stored fact has a column, and every column is the home of a fact."""
    return [Problem("workflow/bindings.py", 0, id_, message, "binding") for id_, binding in BINDINGS.items()
            if id_ in book.processes for message in check_binding(binding, book.processes[id_])]
