"""The law of classification: the weak unit of guidance 27 in parts, local bands, and schemes that follow each other."""
from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Rulebook, load
from rules.check import check
from rules.decide import compile_rule
from rules.judging import judges_of
from rules.language import parse
from rules.nodes import Rows
from rules.verdict import decide

DAY = dt.date(2016, 12, 20)
#: The predicate in one piece, as guidance 27 enumerates it.
WHOLE = """unit.points < weak_points or any(p.kind in ('disunity', 'discipline') for p in problems) or unit.gov_lowest
 or count(m for m in mass_orgs if m.lowest) >= weak_mass
 or unit.kind == 'committee' and count(s for s in subordinates if s.weak) > weak_sub * count(s for s in subordinates)
 or unit.kind == 'cell' and count(m for m in members if m.lowest) > weak_mem * count(m for m in members)"""
LEAST = (Path(__file__).parent / "laws" / "least.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load()


def rows(field: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Rows]:
    item = st.one_of(st.just({}), st.fixed_dictionaries({field: values}))
    return st.builds(Rows, st.booleans(), st.lists(item, max_size=5).map(tuple))


FACTS = st.fixed_dictionaries({}, optional={
    "unit.points": st.integers(48, 52), "unit.gov_lowest": st.booleans(), "unit.kind": st.sampled_from(("committee", "cell")),
    "problems": rows("kind", st.sampled_from(("security", "disunity", "discipline"))), "mass_orgs": rows("lowest", st.booleans()),
    "subordinates": rows("weak", st.booleans()), "members": rows("lowest", st.booleans())})


@given(facts=FACTS)
def test_the_parts_together_say_what_the_whole_says(facts: dict[str, Any]) -> None:
    law = _law().process("classification")
    params = {name: _law().value(name, DAY).value for name in ("weak_points", "weak_mass", "weak_sub", "weak_mem")}
    expected = compile_rule(parse(WHOLE, law.names, where="WHOLE"), params, _law().calendar)({**facts, "act.on": DAY})
    ready = judges_of(_law()).of_rule(law, "CLS-WEAK-2014", DAY)
    assert ready is not None
    assert ready.judge({**facts, "act.on": DAY}) == {True: "met", False: "not_met", None: "unknown"}[expected]


_BOOK: list[Rulebook] = []


def _law() -> Rulebook:
    """The shipped law for examples that Hypothesis makes, read once."""
    if not _BOOK:
        _BOOK.append(load())
    return _BOOK[0]


def test_a_province_may_ask_for_more_points(tmp_path: Path, book: Rulebook) -> None:
    (tmp_path / "layer.yaml").write_text("""
layer: {unit: TP, since: 2025-08-30, basis: LOCAL 1}
documents: {LOCAL: {number: 1-QĐ/TU, title: Quy định của thành phố, issuer: Thành ủy, since: 2025-08-30, confidence: A, checked_on: 2026-11-21}}
parameters:
  band_good: {values: {2025-08-30: {value: 80}}}
  band_basic: {values: {2025-08-30: {value: 60}}}
""", encoding="utf-8")
    local = load([tmp_path])
    facts = {"period.kind": "year", "level.rank": 3, "level.points": 75}

    def band(law: Rulebook, units: tuple[str, ...]) -> str:
        verdict = decide(law, "classification", "decide", facts, dt.date(2025, 12, 31), units=units)
        return next(f.outcome for f in verdict.findings if f.rule == "CLS-BAND")
    assert (band(book, ("C1", "TP")), band(local, ("C1", "TP")), band(local, ("C1", "T"))) == ("met", "not_met", "met")


@pytest.mark.parametrize(("name", "id_"), [
    ("HD-27-2014", "HD-27-2014"), ("27-HD/BTCTW", "HD-27-2014"), ("HD27", "HD-27-2014"), ("CLS-SCHEME-2014", "HD-27-2014"),
    ("HD16", "HD-16-2018"), ("132", "HD-21-2019"), ("HD21", "HD-21-2019"), ("124", "HD-25-2023"), ("HD25", "HD-25-2023"),
    ("366", "HD-43-2025"), ("43-HD/BTCTW", "HD-43-2025"), ("HD 99", None)])
def test_records_name_schemes_in_many_ways(book: Rulebook, name: str, id_: str | None) -> None:
    assert book.scheme(name) == id_


def test_no_scheme_before_guidance_27_and_other_kinds_only_with_the_last(book: Rulebook) -> None:
    assert book.scheme_on(dt.date(2013, 12, 31)) is None
    assert book.scheme_on(dt.date(2024, 12, 31), "quarter") is None
    assert [book.scheme_on(dt.date(2026, 3, 31), kind) for kind in ("year", "quarter", "term", "ad_hoc")] == ["HD-43-2025"] * 4


def test_one_verb_to_2017_and_another_from_2018(book: Rulebook) -> None:
    assert {id_: s.verb.vi for id_, s in book.schemes.items()} == {
        "HD-27-2014": "phân loại", **dict.fromkeys(("HD-16-2018", "HD-21-2019", "HD-25-2023", "HD-43-2025"), "xếp loại")}


FIRST = ("{label: A, verb: v, levels: {G: {label: Tốt, rank: 4, points: high}, B: {label: Kém, rank: 1}}, "
         "since: 2016-07-25, until: 2019-12-31, cites: [CHARTER 1]}")
SECOND = ("{label: B, verb: v, levels: {G: {label: Tốt, rank: 4, points: high}, B: {label: Kém, rank: 1, points: low}}, "
          "since: 2020-01-01, cites: [CHARTER 1]}")


@pytest.mark.parametrize(("first", "second", "says"), [
    (FIRST, SECOND, None),
    (FIRST.replace("2019-12-31", "2019-12-30"), SECOND, "leaves a gap after ONE"),
    (FIRST.replace("2019-12-31", "2020-01-01"), SECOND, "overlaps ONE"),
    (FIRST, SECOND.replace("points: low", "points: high"), "do not descend with the ranks"),
    (FIRST, SECOND.replace("points: low", "points: lower"), "no parameter lower"),
    (FIRST, SECOND.replace("rank: 1", "rank: 4"), "the ranks [4, 4] do not descend"),
    (FIRST, SECOND.replace("verb: v", "verb: v, aliases: [ONE]"), "already names ONE"),
    (FIRST, SECOND.replace("CHARTER 1", "CHARTA 1"), "no document CHARTA"),
    (FIRST.replace("high", "cell_share"), SECOND, "no parameter cell_share of the unit int"),
    (FIRST.replace("high", "late"), SECOND, "have no value on 2019-12-31"),
])
def test_schemes_are_checked(tmp_path: Path, first: str, second: str, says: str | None) -> None:
    values = "{says: Điểm, unit: int, values: {2016-07-25: {value: %s, cites: [CHARTER 1], confidence: D}}}"
    text = LEAST.replace("parameters:\n", f"parameters:\n  high: {values % 90}\n  low: {values % 50}\n"
                         f"  late: {values.replace('2016-07-25', '2021-01-01') % 90}\n")
    path = tmp_path / "law.yaml"
    path.write_text(text + f"schemes:\n  ONE: {first}\n  TWO: {second}\n", encoding="utf-8")
    found = [p.message for p in check([path]).errors if p.code in ("scheme", "cites")]
    assert (found == []) if says is None else any(says in message for message in found), found
