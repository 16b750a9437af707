"""Random conditions, and random cases for them: month ends, unknown facts, collections that are not complete."""
from __future__ import annotations

import datetime as dt
import random
from calendar import monthrange
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.language import Names, Rows, Type
from rules.schema_organisation import CalendarYear

CODES = ("đỏ", "xanh", "vàng")
FACTS = {
    "a.day": Type("date"), "b.day": Type("date"), "a.flag": Type("bool"), "b.flag": Type("bool"),
    "a.n": Type("int"), "b.n": Type("int"), "a.code": Type("code", CODES), "b.code": Type("code", CODES[:2]),
    "a.text": Type("text"), "a.unit": Type("unit"), "b.unit": Type("unit"), "a.share": Type("fraction"),
}
COLLECTIONS = {
    "xs": {"day": Type("date"), "other": Type("date"), "flag": Type("bool"), "n": Type("int"),
           "code": Type("code", CODES), "unit": Type("unit"), "share": Type("fraction")},
    "ys": {"flag": Type("bool"), "n": Type("int")},
}
PARAMETERS = {"long": Type("months"), "short": Type("months"), "wait": Type("days"), "term": Type("working_days"),
              "least": Type("int"), "part": Type("fraction"), "open_now": Type("bool"), "colour": Type("code", CODES)}
NAMES = Names(FACTS, COLLECTIONS, PARAMETERS)

CALENDAR = Calendar.from_years({
    2023: CalendarYear(off=[{"on": dt.date(2023, 1, d), "says": "Tết"} for d in (20, 23, 24, 25, 26)],
                       worked=[{"on": dt.date(2023, 2, 4), "says": "làm bù"}]),
    2024: CalendarYear(off=[{"on": dt.date(2024, 2, d), "says": "Tết"} for d in (8, 9, 12, 13, 14)]
                       + [{"on": dt.date(2024, 4, 29), "says": "hoán đổi"}, {"on": dt.date(2024, 4, 30), "says": "30/4"}],
                       worked=[{"on": dt.date(2024, 5, 4), "says": "làm bù"}]),
    2025: CalendarYear(off=[{"on": dt.date(2025, 1, d), "says": "Tết"} for d in (27, 28, 29, 30, 31)]),
})

_FIRST = dt.date(2022, 11, 1)


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@st.composite
def days(draw: st.DrawFn) -> dt.date:
    """Days of three years, half of them around the ends of months, where months are hard."""
    day = _FIRST + dt.timedelta(days=draw(st.integers(0, 1000)))
    return _month_end(day) + dt.timedelta(days=draw(st.integers(-3, 1))) if draw(st.booleans()) else day


def params() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({
        "long": st.sampled_from([0, 1, 6, 12, 25]), "short": st.integers(0, 3), "wait": st.integers(0, 40),
        "term": st.integers(0, 30), "least": st.integers(-2, 4),
        "part": st.sampled_from([Fraction(1, 3), Fraction(1, 2), Fraction(2, 3), Fraction(-1, 2), Fraction(0)]),
        "open_now": st.booleans(), "colour": st.sampled_from(CODES)})


def random_cases(seed: int, size: int) -> list[dict[str, Any]]:
    """Facts of that many cases. Plain random numbers: the rows are loaded once, the conditions are what varies."""
    r = random.Random(seed)

    def maybe(value: Any, unknown: float = 0.2) -> Any:
        return None if r.random() < unknown else value

    def day() -> dt.date:
        day = _FIRST + dt.timedelta(days=r.randrange(1000))
        return _month_end(day) + dt.timedelta(days=r.randrange(-3, 2)) if r.random() < 0.6 else day

    def value(type_: Type) -> Any:
        match type_.kind:
            case "date":
                return maybe(day())
            case "bool":
                return maybe(r.random() < 0.6)
            case "int":
                return maybe(r.randrange(-2, 5))
            case "code":
                return maybe(r.choice(type_.codes))
            case "text":
                return maybe(r.choice(("một", "hai")))
            case "fraction":
                return maybe(Fraction(r.randrange(-3, 4), r.choice((1, 2, 3))))
            case _:
                return maybe(r.randrange(1, 4))

    def rows(fields: dict[str, Type]) -> Rows:
        items = [{f: v for f, t in fields.items() if (v := value(t)) is not None} for _ in range(r.choice((0, 1, 2, 3)))]
        return Rows(r.random() < 0.6, items)

    return [{**{f: v for f, t in FACTS.items() if (v := value(t)) is not None},
             **{c: rows(f) for c, f in COLLECTIONS.items() if r.random() < 0.9}} for _ in range(size)]


_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_SAME = ("==", "!=")
#: Conditions without conditions inside.
_PLAIN = ("flag", "known", "code", "codes", "text", "unit", "number", "date_act", "date_fact", "bools", "colour", "const")


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3, collection: str | None = None) -> str:
    """The text of a condition that the language accepts."""
    def pick(*choices: str) -> str:
        return draw(st.sampled_from(choices))

    def sub(deeper: int = 1) -> str:
        return f"({draw(conditions(depth=depth - deeper, collection=collection))})"

    if depth > 0 and draw(st.integers(0, 2)):
        forms = ["and", "or", "not"] + ([] if collection else ["all", "any", "count", "counts"])
        form = pick(*forms)
        if form == "not":
            return f"not {sub()}"
        if form in ("and", "or"):
            return f" {form} ".join(sub() for _ in range(draw(st.integers(2, 3))))
        xs = pick("xs", "ys")
        inner = conditions(depth=min(depth - 1, 1), collection=xs)
        chosen = f" if {draw(inner)}" if draw(st.booleans()) else ""
        if form in ("all", "any"):
            return f"{form}({draw(inner)} for x in {xs}{chosen})"
        count = f"count(x for x in {xs}{chosen})"
        other = {"count": lambda: draw(numbers(None)),
                 "counts": lambda: draw(numbers(None)) + f" - count(x for x in {pick('xs', 'ys')})"}[form]()
        scaled = pick(count, f"{count} + a.n", f"2 * {count}", f"a.n * {count}", f"{count} - {count}", f"part * {count}",
                      f"a.share * {count}")
        return f"{scaled} {pick(*_ORDER)} {other}" if draw(st.booleans()) else f"{other} {pick(*_ORDER)} {scaled}"
    return draw(_leaf(collection))


@st.composite
def _leaf(draw: st.DrawFn, collection: str | None) -> str:
    def pick(*choices: str) -> str:
        return draw(st.sampled_from(choices))

    rich = collection == "xs"
    flag = [*("a.flag", "b.flag"), *(["x.flag"] * 3 if collection else [])]
    date = ["a.day", "b.day", *(["x.day", "x.other"] * 2 if rich else [])]
    code = ["a.code", *(["x.code"] * 2 if rich else [])]
    unit = ["a.unit", "b.unit", *(["x.unit"] * 2 if rich else [])]
    whole = ["a.n", "b.n", *(["x.n"] * 2 if collection else [])]
    match pick(*_PLAIN, "number", "date_act", "date_act", "date_fact"):
        case "flag":
            return pick(*flag)
        case "known":
            return f"known({pick(*flag, *date, *code, *whole, 'a.share')})"
        case "code":
            return f"{pick(*code)} {pick(*_SAME)} {pick(repr('đỏ'), repr('xanh'), 'b.code', 'colour')}"
        case "codes":
            return _member(pick, code, whole)
        case "text":
            return f"a.text {pick(*_SAME)} {pick(repr('một'), repr('ba'))}"
        case "unit":
            return f"{pick(*unit)} {pick('==', '!=')} {pick(*unit)}" if draw(st.booleans()) \
                else f"{pick(*unit)} {pick('in', 'not in')} (a.unit, b.unit)"
        case "number":
            return f"{draw(numbers(collection))} {pick(*_ORDER)} {draw(numbers(collection))}"
        case "date_act":
            return _turn(pick, f"{draw(_moved(pick(*date), True))}", f"{draw(_moved('act.on', True))}")
        case "date_fact":
            return _turn(pick, f"{draw(_moved(pick(*date), False))}", f"{draw(_moved(pick(*date), False))}")
        case "bools":
            return f"{pick(*flag)} {pick(*_SAME)} {pick(*flag, 'open_now', 'True')}"
        case "colour":
            return f"{pick('colour', *code)} in ('đỏ', 'vàng')"
        case _:
            return pick("open_now", "True", "False", "least > 1")


def _member(pick: Any, code: list[str], whole: list[str]) -> str:
    if pick("code", "number") == "code":
        return f"{pick(*code)} {pick('in', 'not in')} {pick('(' + repr('đỏ') + ',)', str(CODES[1:]))}"
    return f"{pick(*whole)} {pick('in', 'not in')} {pick('(1, 2)', '(least, 0)')}"


def _turn(pick: Any, a: str, b: str) -> str:
    return f"{a} {pick(*_ORDER)} {b}" if pick("as it is", "turned") == "as it is" else f"{b} {pick(*_ORDER)} {a}"


@st.composite
def _moved(draw: st.DrawFn, day: str, working_days: bool) -> str:
    lengths = ["months(long)", "months(short)", "months(7)", "days(wait)", "days(3)"]
    if working_days:
        lengths += ["working_days(term)", "working_days(5)"]
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.integers(0, 4)) == 0:
            day = f"month_start({day})"
        else:
            day = f"{day} {draw(st.sampled_from('+-'))} {draw(st.sampled_from(lengths))}"
    return day


@st.composite
def numbers(draw: st.DrawFn, collection: str | None) -> str:
    """A number; a fact is in it, so that two of them may be compared."""
    whole = ["a.n", "b.n", *(["x.n"] * 3 if collection else [])]
    shares = ["a.share", *(["x.share"] if collection == "xs" else [])]
    fact, other = draw(st.sampled_from(whole)), draw(st.sampled_from([*whole, "least", "2", "-1"]))
    return draw(st.sampled_from([fact, fact, f"{fact} + {other}", f"{fact} - {other}", f"{fact} * {other}",
                                 f"part * {fact}", f"{shares[-1]}", f"{shares[-1]} * {fact} + least"]))
