"""What the language accepts, what it refuses and how it says so, and what each form means."""
from __future__ import annotations

import datetime as dt
import unicodedata
from fractions import Fraction
from typing import Any

import pytest

from rules.decide import compile_rule, compile_value
from rules.explain import trace
from rules.language import Names, Rows, RuleError, Type, names_used, parse
from tests.rules.strategies import CALENDAR

CODES = Type("code", ("none", "primary", "higher"))
NAMES = Names(
    {"candidate.born_on": Type("date"), "candidate.edu": CODES, "candidate.name": Type("text"),
     "candidate.member": Type("bool"), "candidate.elder": Type("bool"), "duty.ceremony.due_on": Type("date"),
     "pop.breach_child": Type("int"), "pop.born_on": Type("date"), "case.decider": Type("unit"), "case.unit": Type("unit"),
     "path.organ": Type("unit"), "unit.head": Type("person"), "unit.points": Type("int"), "entitled": Type("int"),
     "away": Type("int"), "extension.length": Type("working_days")},
    {"introducers": {"official": Type("bool"), "together_since": Type("date"), "signed_on": Type("date")},
     "subordinates": {"weak": Type("bool")}},
    {"age_min": Type("months"), "decide_days": Type("working_days"), "grace": Type("days"), "least": Type("int"),
     "weak_sub": Type("fraction"), "strict": Type("bool"), "level": CODES})
PARAMS: dict[str, Any] = {"age_min": 216, "decide_days": 60, "grace": 10, "least": 2, "weak_sub": Fraction(1, 3),
                          "strict": True, "level": "primary"}
DAY = dt.date(2026, 3, 11)


def answer(text: str, facts: dict[str, Any]) -> bool | None:
    node = parse(text, NAMES, where="test")
    result = compile_rule(node, PARAMS, CALENDAR)({"act.on": DAY, **facts})
    assert trace(node, PARAMS, {"act.on": DAY, **facts}, CALENDAR).outcome is result
    return result


ACCEPTED: list[tuple[str, dict[str, Any], bool | None]] = [
    ("candidate.born_on + months(age_min) <= act.on", {"candidate.born_on": dt.date(2008, 3, 11)}, True),
    ("candidate.born_on + months(age_min) <= act.on", {"candidate.born_on": dt.date(2008, 3, 12)}, False),
    ("candidate.born_on + months(age_min) <= act.on", {}, None),
    ("candidate.born_on + months(1) >= month_start(act.on)", {"candidate.born_on": dt.date(2026, 1, 31)}, False),
    ("candidate.edu in ('primary', 'higher')", {"candidate.edu": "higher"}, True),
    ("candidate.edu not in ('primary',)", {"candidate.edu": "primary"}, False),
    ("candidate.edu == level", {"candidate.edu": "primary"}, True),
    ("candidate.member and candidate.elder", {"candidate.member": False}, False),
    ("candidate.member or candidate.elder", {"candidate.elder": True}, True),
    ("candidate.member and candidate.elder", {"candidate.elder": True}, None),
    ("not candidate.member", {}, None),
    ("candidate.member == strict", {"candidate.member": False}, False),
    ("known(pop.breach_child) and pop.breach_child >= 3", {}, False),
    ("case.decider == path.organ", {"case.decider": "XA-01", "path.organ": "XA-01"}, True),
    ("case.unit in (case.decider, path.organ)", {"case.unit": 7, "path.organ": 7}, True),
    ("case.unit not in (case.decider, path.organ)", {"case.unit": 7, "case.decider": 8}, None),
    ("act.on <= duty.ceremony.due_on", {"duty.ceremony.due_on": DAY}, True),
    ("candidate.born_on + working_days(decide_days) < act.on", {"candidate.born_on": dt.date(2025, 12, 1)}, True),
    ("extension.length <= 30", {"extension.length": 31}, False),
    ("2 * pop.breach_child - 1 > unit.points", {"pop.breach_child": 3, "unit.points": 4}, True),
    ("3 <= pop.breach_child", {"pop.breach_child": 3}, True),
    ("candidate.name == 'Tiên'", {"candidate.name": "Tiên"}, True),
    ("strict", {}, True),
    ("all(i.official for i in introducers)", {"introducers": Rows(True, [])}, True),
    ("all(i.official for i in introducers)", {}, None),
    ("all(i.official for i in introducers)", {"introducers": Rows(False, [{"official": False}])}, False),
    ("any(i.official for i in introducers)", {"introducers": Rows(False, [{"official": True}, {}])}, True),
    ("any(i.official for i in introducers)", {"introducers": Rows(True, [{}])}, None),
    ("count(i for i in introducers if i.official) >= least", {"introducers": Rows(False, [{"official": True}] * 2)}, True),
    ("count(i for i in introducers if i.official) >= least", {"introducers": Rows(False, [{"official": True}])}, None),
    ("count(i for i in introducers if i.official) >= least", {"introducers": Rows(True, [{"official": True}, {}])}, None),
    ("count(i for i in introducers if i.official) >= least", {"introducers": Rows(True, [{"official": True}])}, False),
    ("count(i for i in introducers) == 1", {"introducers": Rows(False, [{}, {}])}, False),
    ("count(s for s in subordinates if s.weak) > weak_sub * count(s for s in subordinates)",
     {"subordinates": Rows(True, [{"weak": True}, {"weak": False}, {"weak": False}])}, False),
    ("count(s for s in subordinates if s.weak) > weak_sub * count(s for s in subordinates)",
     {"subordinates": Rows(True, [{"weak": True}, {"weak": True}, {"weak": False}])}, True),
    ("count(i for i in introducers if i.together_since + months(12) <= i.signed_on) == 1",
     {"introducers": Rows(True, [{"together_since": dt.date(2024, 2, 29), "signed_on": dt.date(2025, 2, 28)}])}, True),
]


@pytest.mark.parametrize(("text", "facts", "expected"), ACCEPTED)
def test_meaning(text: str, facts: dict[str, Any], expected: bool | None) -> None:
    assert answer(text, facts) is expected


REFUSED = [
    ("candidate.born_onn <= act.on", 1, "unknown name `candidate.born_onn`; near ones: candidate.born_on"),
    ("candidate.edu == 'primery'", 1, "`primery` is not one of the codes; near ones: primary"),
    ("candidate.edu in ('primary', 'hi')", 30, "`hi` is not one of the codes"),
    ("candidate.edu < 'primary'", 1, "has no order"),
    ("candidate.born_on <= 3", 1, "a date cannot be compared with a whole number"),
    ("pop.breach_child >= 3.5", 21, "a fraction is a parameter"),
    ("candidate.born_on + 12 <= act.on", 21, "a date is moved by"),
    ("candidate.born_on + months(decide_days) <= act.on", 28, "months(n) takes a number or a parameter with `unit: months`"),
    ("candidate.born_on + months(least) <= act.on", 28, "not a whole number"),
    ("candidate.born_on + months(-1) <= act.on", 28, "takes 0 to"),
    ("candidate.born_on + months(pop.breach_child) <= act.on", 28, "months(n) takes"),
    ("months(3) <= pop.breach_child", 1, "stands after + or - of a date"),
    ("act.on + days(1) > act.on", 1, "both sides move with act.on"),
    ("pop.born_on + working_days(3) <= candidate.born_on", 1, "read duty.KIND.due_on"),
    ("any(i.signed_on + working_days(3) < i.together_since for i in introducers)", 5, "read duty.KIND.due_on"),
    ("extension.length <= least", 1, "a number of working days cannot be compared with a whole number"),
    ("1 <= pop.breach_child <= 3", 1, "not chained"),
    ("candidate.member is True", 1, "`is` is not allowed"),
    ("pop.breach_child == None", 21, "known(fact)"),
    ("candidate.edu in ('primary')", 19, "a list of one is ('a',)"),
    ("candidate.edu in ()", 18, "needs a list"),
    ("unit.head == 'An'", 1, "compare it with another fact"),
    ("case.unit == unit.head", 1, "cannot be compared"),
    ("(candidate.member and strict) == candidate.elder", 1, "join them with"),
    ("candidate.born_on and strict", 1, "a condition is expected here, this is a date"),
    ("candidate.born_on", None, "a yes/no value is expected here"),
    ("3 < 2", 1, "two constants"),
    ("introducers.official", 1, "is a collection"),
    ("all(i.signed for i in introducers)", 5, "has no field `signed`; near ones: signed_on"),
    ("all(i.official for i in introducer)", 1, "unknown collection `introducer`; near ones: introducers"),
    ("all(any(s.weak for s in subordinates) for i in introducers)", 5, "one level deep"),
    ("all(unit.weak for unit in subordinates)", 1, "already the name"),
    ("all(i.official for i in introducers for s in subordinates)", 1, "write all("),
    ("all([i.official for i in introducers])", 1, "write all("),
    ("count(i.official for i in introducers) > 1", 7, "count takes the item itself"),
    ("count(i for i in introducers if i.official if i.official) > 1", 47, "one `if`"),
    ("count(i for i in introducers)", None, "a yes/no value is expected"),
    ("count(i for i in introducers) * count(s for s in subordinates) > 1", 1, "two counts"),
    ("pop.breach_child * unit.points * 2 > 1", 1, "only two numbers"),
    ("candidate.name * 2 > 1", 1, "needs numbers"),
    ("known(pop.breach_child + 1)", 7, "asks about one fact"),
    ("month_start(pop.breach_child) <= act.on", 13, "takes a date"),
    ("knwon(pop.breach_child)", 1, "unknown form `knwon`; near ones: known"),
    ("known(pop.breach_child, strict)", 1, "each with one argument"),
    ("true", 1, "write True"),
    ("strict # and candidate.member", 8, "`note`"),
    ("strict and", 11, "not an expression"),
    ("candidate.name == 'Đặng' and candidat.elder", 30, "unknown name `candidat.elder`"),
    ("pop.breach_child > 9999999999", 20, "numbers up to"),
    ("", None, "empty"),
]


@pytest.mark.parametrize(("text", "column", "message"), REFUSED)
def test_refusals_name_place_and_remedy(text: str, column: int | None, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text, NAMES, where="AGE.MIN")
    assert caught.value.where == "AGE.MIN" and str(caught.value).startswith("AGE.MIN")
    assert message in caught.value.message
    assert caught.value.column == column


HOSTILE = [
    "not " * 900 + "strict", "not " * 5000 + "strict", "(" * 250 + "strict" + ")" * 250, "(" * 1900 + "strict" + ")" * 1900,
    "-" * 3900 + "1", "strict" + " and strict" * 5000, "x" * 100_000, "1" * 3999 + " > 0", "a" + "<a" * 1500, "[" * 90 + "]" * 90,
    "lambda: 1", "(lambda: strict)()", "strict.__class__", "candidate.__class__.__mro__", "().__class__.__bases__[0]",
    "__import__('os').system('true')", "open('/etc/passwd')", "eval('1')", "f'{strict}' == 'a'", "candidate.name == f'{strict!r:>9}'",
    "(x := strict)", "known(*[strict])", "known(**{})", "[strict]", "{strict}", "{'a': 1}", "{**{}}", "strict if strict else strict",
    "[x for x in introducers]", "{x: 1 for x in introducers}", "all(x for y in introducers for x in y)",
    "all(i.official async for i in introducers)", "all((yield) for i in introducers)", "await strict", "yield strict",
    "all(i for i.x in introducers)", "all(i.official for i in introducers if (j := strict))", "candidate.name[0] == 'a'",
    "candidate.name[::2] == 'a'", "~pop.breach_child > 1", "+pop.breach_child > 1", "pop.breach_child ** 9 ** 9 > 1", "2 ** 99 > 1",
    "pop.breach_child / 2 > 1", "pop.breach_child // 2 > 1", "pop.breach_child % 2 == 1", "pop.breach_child @ 2 > 1",
    "pop.breach_child << 99 > 1", "pop.breach_child | 1 == 1", "b'a' == candidate.name", "1j > 2", "... == 1", "None", "1e400 > 1",
    "strict;strict", "strict\n\nstrict", "strict\x00", "strict \ud800", "candidate.name == '\ud800'", "str\u2028ict", "сandidate.member",
    "ｓｔｒｉｃｔ．ｘ", "import os", "strict = True", "x = 1", "print(strict)", "'\\N{DIGIT ONE' == candidate.name",
    "'\\d' == candidate.name",
    "1in (1, 2)", "*strict", "strict,", "candidate.name == 'a' 'b' if strict else strict", "months(3)", "days", "all", "all()", "count(1)",
    "act", "act.on", "act.on.year > 2000", "i.official", "\t\n ", "'", '"""', "\\", "0777 > pop.breach_child", "𝒂𝒄𝒕.on.x",
    "known(known(strict))",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_and_never_crashes(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text, NAMES, where="hostile")


def test_a_text_in_another_unicode_form_means_the_same() -> None:
    decomposed = unicodedata.normalize("NFD", "candidate.name == 'Nguyễn'")
    assert answer(decomposed, {"candidate.name": unicodedata.normalize("NFC", "Nguyễn")}) is True


def test_line_breaks_of_the_file_do_not_matter() -> None:
    assert answer("candidate.member\nor candidate.elder\n", {"candidate.elder": True}) is True


def test_names_used() -> None:
    used = names_used(parse("candidate.member and count(i for i in introducers if i.signed_on <= act.on) >= least "
                            "and pop.born_on + months(age_min) <= act.on", NAMES, where="test"))
    assert used.facts == {"candidate.member", "pop.born_on", "act.on"}
    assert used.collections == {"introducers"} and used.fields == {("introducers", "signed_on")}
    assert used.parameters == {"least", "age_min"}


def test_dates_and_numbers_as_wholes() -> None:
    due = compile_value(parse("candidate.born_on + months(age_min)", NAMES, where="duty", want="date"), PARAMS, CALENDAR)
    assert due({"candidate.born_on": dt.date(2008, 2, 29)}) == dt.date(2026, 2, 28) and due({}) is None
    base = compile_value(parse("entitled - away", NAMES, where="ballot", want="int"), PARAMS, CALENDAR)
    assert base({"entitled": 20, "away": 2}) == 18 and base({"entitled": 20}) is None
    with pytest.raises(RuleError, match="a date is expected here"):
        parse("entitled", NAMES, where="duty", want="date")
    with pytest.raises(RuleError, match="only stand in a condition"):
        parse("count(i for i in introducers)", NAMES, where="ballot", want="int")


def test_a_repealed_parameter_is_an_error() -> None:
    node = parse("pop.breach_child >= least", NAMES, where="test")
    for values in ({}, {"least": None}):
        with pytest.raises(RuleError, match="`least` has no value in force"):
            compile_rule(node, values, CALENDAR)
    with pytest.raises(RuleError, match="whole number from 0"):
        compile_rule(parse("pop.born_on + months(age_min) <= act.on", NAMES, where="test"), {"age_min": -1}, CALENDAR)


def test_an_explanation_tells_what_failed_and_what_is_missing() -> None:
    node = parse("candidate.member and pop.breach_child < least and all(i.official for i in introducers) "
                 "and count(i for i in introducers if i.signed_on <= act.on) >= least", NAMES, where="test")
    rows = Rows(False, [{"official": True, "signed_on": DAY}, {"official": True}])
    facts = {"act.on": DAY, "candidate.member": True, "pop.breach_child": 1, "introducers": rows}
    unknown = trace(node, PARAMS, facts, CALENDAR)
    assert unknown.outcome is None
    assert unknown.missing == ("introducers", "introducers[2].signed_on")
    assert "candidate.member" not in unknown.values  # it holds, so the doubt does not rest on it
    failed = trace(node, PARAMS, {**facts, "candidate.member": False, "pop.breach_child": 5}, CALENDAR)
    assert failed.outcome is False and failed.missing == ()
    assert failed.values == {"candidate.member": False, "pop.breach_child": 5, "least": 2}
    met = trace(node, PARAMS, {**facts, "introducers": Rows(True, [{"official": True, "signed_on": DAY}] * 2)}, CALENDAR)
    assert met.outcome is True
    assert met.values["introducers"] == {"declared": True, "items": [{"official": True, "signed_on": DAY}] * 2}


def test_what_known_asks_about_is_never_called_missing() -> None:
    """Its absence is an answer; here only the items that nobody has entered leave a doubt."""
    node = parse("count(i for i in introducers if known(i.signed_on)) >= least", NAMES, where="test")
    seen = trace(node, PARAMS, {"introducers": Rows(False, [{"signed_on": DAY}, {}])}, CALENDAR)
    assert seen.outcome is None and seen.missing == ("introducers",)
