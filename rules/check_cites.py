"""Every citation leads to an instrument, and on every day something in force carries what the law says."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rules.book import Rulebook
from rules.dated import ONE_DAY, Cite, cites_on, in_force
from rules.loader import Problem, near
from rules.process import ProcessLaw
from rules.scope import SHARED

Path = tuple[Any, ...]


def check(book: Rulebook) -> Iterator[Problem]:
    """Citations of documents, parameters, rules, ballots, duties, steps, papers, deciders and the calendar."""
    cited = _Cited(book)
    for scope, part in book.body.parts():
        for id_, document in part.documents.items():
            yield from cited.document(scope, id_, document.replaced_by)
        for name, parameter in part.parameters.items():
            days = sorted(parameter.values)
            for day, after in zip(days, [*days[1:], None], strict=True):
                entry = parameter.values[day]
                until = None if after is None else after - ONE_DAY
                path = ("parameters", name, "values", day)
                yield from cited.span(scope, path, entry.cites, day, until, required=entry.value is not None)
        for year, content in part.calendar.items():
            notices = [*content.notices, *(d.notice for d in (*content.off, *content.worked) if d.notice)]
            for notice in dict.fromkeys(notices):
                yield from cited.resolve(scope, ("calendar", year), [Cite.parse(notice)], clause=False)
        for kind, paper in part.papers.items():
            yield from cited.resolve(scope, ("papers", kind, "cites"), map(Cite.parse, paper.cites))
        for id_, scheme in part.schemes.items():
            yield from cited.resolve(scope, ("schemes", id_, "cites"), map(Cite.parse, scheme.cites))
        for n, row in enumerate(part.deciders):
            yield from cited.span(scope, ("deciders", n), row.cites, row.since, row.until)
        for section in ("ballots", "duties", "steps"):
            for id_, versions in getattr(part, section).items():
                for n, version in enumerate(versions):
                    yield from cited.span(scope, (section, id_, n, "cites"), version.cites, version.since,
                                          version.until)
    for place in range(len(book.body.layers)):
        yield from _layer(cited, place)
    for process in (*book.processes.values(), book.common):
        yield from _rules(cited, process)


def _rules(cited: _Cited, process: ProcessLaw) -> Iterator[Problem]:
    for rule in process.all_rules():
        if rule.scope != process.id and rule.layer is None:
            continue
        path = ("rules", rule.id, rule.number, "cites")
        if rule.place is None:
            yield from cited.span(rule.scope, path, rule.law.cites, rule.since, rule.until, required=True)
        else:
            layer = cited.book.body.layers[rule.place].layer
            cites = rule.law.cites or ([layer.basis] if layer and layer.basis else [])
            yield from cited.span(rule.scope, path, cites, rule.since, rule.until, required=True, place=rule.place)


def _layer(cited: _Cited, place: int) -> Iterator[Problem]:
    """Local values rest on what they cite, or on the paper the whole layer rests on."""
    file = cited.book.body.layers[place]
    assert file.layer is not None
    basis = [file.layer.basis] if file.layer.basis else []
    for name, parameter in file.parameters.items():
        for day, entry in parameter.values.items():
            yield from cited.span(SHARED, ("parameters", name, "values", day), entry.cites or basis,
                                  max(day, file.layer.since), file.layer.until, required=entry.value is not None,
                                  place=place)
    for id_ in file.documents:
        if any(id_ in part.documents for _, part in cited.book.body.parts()):
            yield cited.book.body.places.in_layer(place, ("documents", id_), f"{id_} already stands in the central law; "
                                                  "give the local document an id of its own", "duplicate")


class _Cited:
    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.documents = book.documents

    def document(self, scope: str, id_: str, replaced_by: str | None) -> Iterator[Problem]:
        if replaced_by is not None and replaced_by not in self.documents:
            yield self._say(scope, ("documents", id_, "replaced_by"), f"no document {replaced_by}"
                            f"{near(replaced_by, self.documents)}", None)

    def resolve(self, scope: str, path: Path, cites: Iterable[Cite], *, clause: bool = True,
                place: int | None = None) -> Iterator[Problem]:
        for cite in cites:
            if cite.document not in self.documents:
                yield self._say(scope, path, f"no document {cite.document}{near(cite.document, self.documents)}; cite "
                                "as `DOCUMENT clause` and list the document under `documents`", place)
            elif clause and not cite.clause:
                yield self._say(scope, path, f"{cite.document} is cited without a clause; expected `DOCUMENT clause`",
                                place)

    def span(self, scope: str, path: Path, cites: Sequence[str] | Mapping[dt.date, Sequence[str]], since: dt.date,
             until: dt.date | None, *, required: bool = False, place: int | None = None) -> Iterator[Problem]:
        """All citations resolve, and on each day of the span at least one cited document is in force."""
        if not cites:
            if required:
                yield self._say(scope, path, "nothing is cited; expected `cites: [DOCUMENT clause]`", place)
            return
        tables = list(cites.values()) if isinstance(cites, Mapping) else [cites]
        wrong = [p for table in tables for p in self.resolve(scope, path, map(Cite.parse, table), place=place)]
        if wrong:
            yield from wrong
            return
        for day in self._days(cites, since, until):
            spoken = [c.document for c in cites_on(cites, day)]
            if not any(in_force(self.documents[d], day) for d in spoken):
                names = ", ".join(spoken) or "nothing"
                yield self._say(scope, path, f"on {day} no cited document is in force (cited: {names}); cite the one "
                                f"that is, as `{day}: [DOCUMENT clause]`, or end this the day before", place)
                return

    def _days(self, cites: Sequence[str] | Mapping[dt.date, Sequence[str]], since: dt.date, until: dt.date | None
              ) -> list[dt.date]:
        """The days of a span on which the answer may change."""
        days = {since}
        if isinstance(cites, Mapping):
            days |= set(cites)
            documents = {Cite.parse(c).document for table in cites.values() for c in table}
        else:
            documents = {Cite.parse(c).document for c in cites}
        for id_ in documents:
            document = self.documents[id_]
            days.add(document.since)
            if document.until is not None:
                days.add(document.until + ONE_DAY)
        return sorted(d for d in days if since <= d and (until is None or d <= until))

    def _say(self, scope: str, path: Path, message: str, place: int | None) -> Problem:
        if place is not None:
            return self.book.body.places.in_layer(place, path, message, "cites")
        return self.book.body.places.problem(scope, path, message, "cites")
