"""Every way of changing what was written, one at a time, is found and named; and nothing is found where nothing is wrong."""
from __future__ import annotations

import ast
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflow.journalled import CLERK, VOTED, table
from workflow import export, fold, models, triggers, verify
from workflow.canonical import canonical, commitment, digest
from workflow.db import Database
from workflow.journal import Act


def findings(database: Database) -> list[str]:
    return [str(f) for f in verify.Audit().findings(export.lines(database))]


def test_an_honest_history_has_no_findings(filled: Database) -> None:
    audit = verify.Audit()
    assert list(audit.findings(export.lines(filled))) == []
    assert audit.counts == {"editions": 1, "entries": 6, "parts": 9, "rows": 9, "streams": 5}


def run(*statements: str) -> Callable[[sa.Connection], None]:
    def attack(connection: sa.Connection) -> None:
        for statement in statements:
            connection.execute(sa.text(statement))
    return attack


def rewritten(change: Callable[[dict], None]) -> Callable[[sa.Connection], None]:
    """The text of entry 6 is changed and given a fresh hash, as a forger would."""
    def attack(connection: sa.Connection) -> None:
        entry = table(models.Entry)
        said = json.loads(connection.scalar(sa.select(entry.c.canonical).where(entry.c.id == 6)))
        change(said)
        text = canonical(said)
        connection.execute(sa.update(entry).where(entry.c.id == 6).values(canonical=text, hash=digest(text)))
    return attack


def part_with_fresh_commitment(connection: sa.Connection) -> None:
    part = table(models.Part)
    row = connection.execute(sa.select(part).where(part.c.entry_id == 6, part.c.kind == "values")).one()
    body = row.body.replace("2000-05-20", "2009-05-20")
    assert body != row.body
    connection.execute(sa.update(part).where(part.c.id == row.id).values(body=body, commitment=commitment(row.salt, body)))


def illegal(connection: sa.Connection) -> None:
    """An entry in perfect order that goes where the law does not lead."""
    with sa.orm.Session(connection, info={"book": BOOK[0], "clock": BOOK[1]}) as session:
        act = Act(session, stream="case:1", tag="case:step:take", acted_on=VOTED, actor=CLERK, case_id=1,
                  header={"step": "withdraw", "from": "cell_approved", "to": "decided"})
        act.update(table(models.Case), 1, {"state": "decided"})
        act.update(table(models.Admission), 1, {"state": "decided", "decide_admission_on": VOTED})
        act.write()
        session.flush()


BOOK: list = []

ATTACKS = {
    "a column of an entry": (run("UPDATE entry SET acted_on = '2026-01-01' WHERE id = 6"), "entry 6 (case:1 no. 2): column acted_on"),
    "who recorded it": (run("UPDATE entry SET recorded_by = 2 WHERE id = 6"), "entry 6 (case:1 no. 2): column recorded_by"),
    "the step of an entry": (run("UPDATE entry SET step = 'withdraw' WHERE id = 6"), "entry 6 (case:1 no. 2): column step"),
    "the text of an entry": (run("UPDATE entry SET canonical = replace(canonical, 'cell_vote', 'withdraw') WHERE id = 6"),
                             "entry 6 (case:1 no. 2): its text does not have its hash"),
    "the text, not canonical": (run("UPDATE entry SET canonical = replace(canonical, ':', ': ') WHERE id = 6"),
                                "not in the canonical form"),
    "the text is no JSON": (run("UPDATE entry SET canonical = 'x' WHERE id = 6"), "entry 6 (case:1 no. 2): cannot be understood"),
    "the hash": (run("UPDATE entry SET hash = prev_hash WHERE id = 5"), "entry 5 (case:1 no. 1): its text does not have its hash"),
    "text and hash together": (rewritten(lambda said: said.update(recorded_by=2)), "entry 6 (case:1 no. 2): column recorded_by"),
    "text, hash and following": (rewritten(lambda said: said.update(prev_hash="0" * 64)), "entry 6 (case:1 no. 2): column prev_hash"),
    "an entry is gone": (run("DELETE FROM part WHERE entry_id = 5", "DELETE FROM entry WHERE id = 5"),
                         "entry 6 (case:1 no. 2): no. 1 was expected"),
    "the last entry of a stream is gone": (run("DELETE FROM part WHERE entry_id = 6", "DELETE FROM entry WHERE id = 6"),
                                           "ballot 1: the row is in the table, the journal knows nothing of it"),
    "two entries change places": (run("UPDATE entry SET stream_seq = 9 WHERE id = 5", "UPDATE entry SET stream_seq = 1 WHERE id = 6",
                                      "UPDATE entry SET stream_seq = 2 WHERE id = 5"), "entry 5 (case:1 no. 2): no. 1 was expected"),
    "an entry moves to another stream": (run("UPDATE entry SET stream = 'case:2', stream_seq = 1 WHERE id = 6"),
                                         "entry 6 (case:2 no. 1): column stream"),
    "the body of a part": (run("UPDATE part SET body = replace(body, '03-NQ', '04-NQ') WHERE entry_id = 6"),
                           "entry 6 (case:1 no. 2): part 2 (rows) does not match its commitment"),
    "a part and its commitment": (part_with_fresh_commitment, "entry 6 (case:1 no. 2): part 3 is not the one the entry commits to"),
    "the person of a part": (run("UPDATE part SET person_id = 2 WHERE entry_id = 6 AND no = 2"),
                             "part 2 is not the one the entry commits to"),
    "a part is emptied": (run("UPDATE part SET body = NULL, salt = NULL WHERE entry_id = 6 AND no = 3"), "part 3 was emptied"),
    "a part is gone": (run("DELETE FROM part WHERE entry_id = 6 AND no = 3"), "entry 6 (case:1 no. 2): part 3 is missing"),
    "a part too many": (run("INSERT INTO part (entry_id, no, kind, commitment) VALUES (6, 9, 'note', 'x')"), "part 9 is not one of"),
    "the edition is another text": (run("UPDATE edition SET canonical = replace(canonical, '\"cell_vote\"', '\"cell_note\"')"),
                                    "its text does not have this hash"),
    "the edition is gone": (run("DELETE FROM edition"), "is not stored"),
    "a row is changed": (run("UPDATE person SET full_name = 'Khác' WHERE id = 1"),
                         "person 1: full_name: journal says 'Nông Văn An', table has 'Khác'"),
    "a truth value is turned": (run("UPDATE ballot SET carried = NOT carried"), "ballot 1: carried: journal says True, table has False"),
    "a row is added": (run("INSERT INTO unit (id, code) VALUES (77, 'GIA')"),
                       "unit 77: the row is in the table, the journal knows nothing"),
    "a row is gone": (run("DELETE FROM paper"), "paper 1: the journal knows this row, the table has it not"),
    "a state is set by hand": (run("UPDATE \"case\" SET version = 9"), "case 1: version: journal says 2, table has 9"),
    "a step that the law does not have": (illegal, "entry 7 (case:1 no. 3): step withdraw cannot lead from cell_approved to decided"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_and_named(filled: Database, name: str) -> None:
    attack, expected = ATTACKS[name]
    BOOK[:] = [filled.info["book"], filled.info["clock"]]
    with filled.engine.begin() as connection:
        triggers.remove(connection)
        attack(connection)
    found = findings(filled)
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize("statement", ["UPDATE person SET born_on = 'hôm qua' WHERE id = 1", "UPDATE person SET born_on = 7.5 WHERE id = 1",
                                       "UPDATE \"case\" SET imported = 'có'", "UPDATE entry SET recorded_at = 'x' WHERE id = 6"])
def test_a_value_that_fits_no_column_is_shown(filled: Database, statement: str) -> None:
    if not filled.is_sqlite:
        return  # PostgreSQL does not take such a value
    with filled.engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(sa.text(statement))
    assert len(findings(filled)) == 1


def test_an_export_is_proved_without_the_application(filled: Database, tmp_path: Path) -> None:
    counts = export.write(filled, tmp_path / "journal.jsonl")
    export.write(filled, tmp_path / "journal.jsonl.gz")
    assert counts["entries"] == 6
    assert (tmp_path / "journal.jsonl").stat().st_mode & 0o777 == 0o600
    text = (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    assert gzip.decompress((tmp_path / "journal.jsonl.gz").read_bytes()).decode() == text
    alone = tmp_path / "alone.py"
    alone.write_text(Path(verify.__file__).read_text(encoding="utf-8"), encoding="utf-8")

    def proof(name: str, content: str | None = None) -> subprocess.CompletedProcess[str]:
        if content is not None:
            (tmp_path / name).write_text(content, encoding="utf-8")
        return subprocess.run([sys.executable, "-I", "-S", str(alone), str(tmp_path / name)], capture_output=True, text=True, check=False)

    for name in ("journal.jsonl", "journal.jsonl.gz"):
        honest = proof(name)
        assert (honest.returncode, honest.stdout) == (0, "1 editions, 6 entries, 9 parts, 9 rows, 5 streams: 0 findings\n")
    lines = text.splitlines(keepends=True)
    for content, expected in ((text.replace("Nông Văn An", "Nông Văn Anh", 1), "does not match its commitment"),
                              ("".join(lines[:-1]), "has no end"), ("".join(lines[:4] + lines[5:]), "its end says"),
                              (text.replace('"form":1', '"form":2', 1), "newer verifier")):
        forged = proof("forged.jsonl", content)
        assert forged.returncode == 1, content[:200]
        assert expected in forged.stdout


def test_the_verifier_imports_nothing_but_python() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {n.partition(".")[0] for n in names} <= set(sys.stdlib_module_names)


def test_an_export_holds_up_no_writer(filled: Database) -> None:
    reading = export.lines(filled)
    for line in reading:
        if '"kind":"entry"' in line:
            break
    with filled.write() as session:
        act = Act(session, stream="person:an", tag="person:person:change", acted_on=VOTED, actor=None)
        act.update(table(models.Person), 1, {"ethnicity": "Tày"})
        act.write()
    rest = [json.loads(line) for line in reading]
    assert rest[-1]["entries"] == 6
    assert findings(filled) == []
    with filled.read() as session:
        assert fold.compare(session) == []
