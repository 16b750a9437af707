"""Ratings of units: self-assessed, verified, decided, re-opened; who may, and in which order."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.workflow.caseworld import World, world
from workflow import fold, ratings, tree
from workflow.errors import BadInput, NotPermitted, StepRefused
from workflow.models import Entry, Rating, RatingCount, RatingHead
from workflow.ratings import Period, Said

D = dt.date
YEAR = Period.year(2024)
ON = D(2025, 1, 10)
HTT = "Hoàn thành tốt nhiệm vụ"


@pytest.fixture
def place(database_url: str) -> Iterator[World]:
    with world(database_url) as made:
        yield made


def row(made: World, unit: str, period: Period = YEAR) -> dict[str, Any]:
    with made.database.read() as session:
        found = session.execute(sa.select(*Rating.__table__.c).where(
            Rating.unit_id == tree.unit_id(session, unit), Rating.period_to == period.last)).mappings().one()
        return dict(found)


def whole_way(made: World, unit: str, by: str, officer: str, signer: str, label: str = HTT) -> None:
    with made.database.write() as session:
        ratings.self_assess(session, made.actors[by], D(2024, 12, 20), Said(unit, YEAR, label, points=75))
        ratings.verify(session, made.actors[officer], D(2025, 1, 5), Said(unit, YEAR))
        ratings.decide(session, made.actors[signer], ON, Said(unit, YEAR, paper={"number": "12-QĐ/ĐU", "date": ON}))


def test_a_cell_goes_the_whole_way_and_the_journal_holds_it(place: World) -> None:
    whole_way(place, "C1", "secretary", "officer", "base")
    found = row(place, "C1")
    assert (found["state"], found["label"], found["scheme"], found["rank"], found["points"]) == ("decided", HTT, "HD-25-2023", 3, 75)
    assert (found["self_label"], found["verified_label"], found["decided_on"]) == (HTT, HTT, ON)
    assert found["paper"] == "12-QĐ/ĐU ngày 10/01/2025"
    with place.database.read() as session:
        tags = list(session.scalars(sa.select(Entry.tag).where(Entry.stream == "unit:C1").order_by(Entry.id)))[-3:]
        assert tags == ["unit:rating:self_assess", "unit:rating:verify", "unit:rating:decide"]
        assert fold.compare(session) == []


def test_each_act_is_of_the_office_that_the_law_names(place: World) -> None:
    said = Said("C1", YEAR, HTT)
    with place.database.write() as session:
        for by, act in (("secretary2", ratings.self_assess), ("base", ratings.verify), ("secretary", ratings.decide),
                        ("signer", ratings.decide), ("stranger", ratings.decide)):
            with pytest.raises(NotPermitted):
                act(session, place.actors[by], ON, said)
        # The officer records what the signer has signed, and nothing for somebody who signs nothing.
        ratings.decide(session, place.actors["officer"], ON, said, signatory=place.people["base"])
        with pytest.raises(NotPermitted):
            ratings.decide(session, place.actors["officer"], ON, Said("C2", YEAR, HTT), signatory=place.people["stranger"])


def test_a_cell_under_a_subcommittee_is_decided_by_the_base_committee(place: World) -> None:
    with place.database.write() as session:
        ratings.decide(session, place.actors["base"], ON, Said("C2", YEAR, HTT))
        assert session.scalar(sa.select(Rating.organ_id)) == tree.unit_id(session, "X")
        with pytest.raises(NotPermitted):
            ratings.decide(session, place.actors["base"], ON, Said("X", YEAR, HTT))
        ratings.decide(session, place.actors["signer"], ON, Said("X", YEAR, HTT))


def test_what_was_assessed_here_is_verified_before_it_is_decided(place: World) -> None:
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["secretary"], D(2024, 12, 20), Said("C1", YEAR, HTT))
        with pytest.raises(StepRefused) as refused:
            ratings.decide(session, place.actors["base"], ON, Said("C1", YEAR))
        assert refused.value.refused == ("CLS-STEPS",)
        ratings.verify(session, place.actors["officer"], D(2025, 1, 5), Said("C1", YEAR))
        ratings.decide(session, place.actors["base"], ON, Said("C1", YEAR))


def test_lower_units_come_before_the_higher(place: World) -> None:
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["base"], D(2024, 12, 20), Said("X", YEAR, HTT))
        ratings.verify(session, place.actors["board"], D(2025, 1, 5), Said("X", YEAR))
        with pytest.raises(StepRefused) as refused:
            ratings.decide(session, place.actors["signer"], ON, Said("X", YEAR))
        assert refused.value.refused == ("CLS-ORDER",)
        finding = refused.value.verdict.blocking[0]
        assert finding.values["lower.undecided"] == 2
        ratings.decide(session, place.actors["base"], ON, Said("C1", YEAR, HTT))
        ratings.decide(session, place.actors["base"], ON, Said("BP", YEAR, HTT))
        ratings.decide(session, place.actors["signer"], ON, Said("X", YEAR))


def test_a_decided_rating_is_decided_anew_only_after_it_was_reopened(place: World) -> None:
    whole_way(place, "C1", "secretary", "officer", "base")
    with place.database.write() as session:
        with pytest.raises(StepRefused) as refused:
            ratings.decide(session, place.actors["base"], D(2025, 2, 1), Said("C1", YEAR, "Hoàn thành nhiệm vụ"))
        assert refused.value.refused == ("STATE",)
        with pytest.raises(BadInput):
            ratings.reopen(session, place.actors["base"], D(2025, 2, 1), unit="C1", period=YEAR, ground="disunity", reason=" ")
        with pytest.raises(NotPermitted):
            ratings.reopen(session, place.actors["secretary"], D(2025, 2, 1), unit="C1", period=YEAR, reason="Xem lại")
        ratings.reopen(session, place.actors["base"], D(2025, 2, 1), unit="C1", period=YEAR, ground="disunity", reason="Mất đoàn kết trong chi ủy")
        with pytest.raises(StepRefused) as refused:
            ratings.decide(session, place.actors["base"], D(2025, 2, 20), Said("C1", YEAR, "Hoàn thành nhiệm vụ"))
        assert refused.value.refused == ("CLS-STEPS",)  # verified anew after the re-opening
        ratings.verify(session, place.actors["officer"], D(2025, 2, 10), Said("C1", YEAR, "Hoàn thành nhiệm vụ", points=60))
        ratings.decide(session, place.actors["base"], D(2025, 2, 20), Said("C1", YEAR))
    found = row(place, "C1")
    assert (found["state"], found["rank"], found["points"], found["decided_on"]) == ("decided", 2, 60, D(2025, 2, 20))
    assert (found["reopened_on"], found["reopen_reason"]) == (D(2025, 2, 1), "Mất đoàn kết trong chi ủy")


def test_the_head_is_rated_after_the_unit(place: World) -> None:
    head = {"unit": "C1", "period": YEAR, "person": place.people["secretary"], "post": "Bí thư chi bộ"}
    with place.database.write() as session:
        with pytest.raises(BadInput):
            ratings.rate_head(session, place.actors["base"], ON, label=HTT, **head)
        ratings.self_assess(session, place.actors["secretary"], D(2024, 12, 20), Said("C1", YEAR, HTT))
        with pytest.raises(StepRefused) as refused:
            ratings.rate_head(session, place.actors["base"], ON, label=HTT, **head)
        assert "STATE" in refused.value.refused
        ratings.verify(session, place.actors["officer"], D(2025, 1, 5), Said("C1", YEAR))
        ratings.decide(session, place.actors["base"], ON, Said("C1", YEAR))
        with pytest.raises(StepRefused) as refused:
            ratings.rate_head(session, place.actors["base"], ON - dt.timedelta(days=1), label=HTT, **head)
        assert refused.value.refused == ("CLS-ORDER-HEAD",)
        with pytest.raises(NotPermitted):
            ratings.rate_head(session, place.actors["secretary"], ON, label=HTT, **head)
        ratings.rate_head(session, place.actors["base"], ON, label=HTT, **head)
        ratings.rate_head(session, place.actors["base"], ON, label="HTXS", **head)
    with place.database.read() as session:
        rows = session.execute(sa.select(RatingHead.label, RatingHead.rank)).all()
        assert [tuple(r) for r in rows] == [("HTXS", 4)]
        assert fold.compare(session) == []


def test_members_are_counted_by_level_and_reason_and_corrected(place: World) -> None:
    given = {"unit": "C1", "period": YEAR}
    with place.database.write() as session:
        ratings.self_assess(session, place.actors["secretary"], D(2024, 12, 20), Said("C1", YEAR, HTT))
        ratings.set_counts(session, place.actors["secretary"], ON, levels={"HTXS": 2, "HTT": 10, "HT": 3}, unrated={"exempt": 1}, **given)
        ratings.set_counts(session, place.actors["secretary"], ON, levels={"HTXS": 2, "HTT": 11}, unrated={"committee_suspended": 1}, **given)
        for wrong in ({"levels": {"TSVM": 1}}, {"levels": {"HTT": -1}}, {"levels": {}, "unrated": {"tired": 1}}):
            with pytest.raises(BadInput):
                ratings.set_counts(session, place.actors["secretary"], ON, **wrong, **given)
        with pytest.raises(NotPermitted):
            ratings.set_counts(session, place.actors["secretary3"], ON, levels={"HTT": 1}, **given)
    with place.database.read() as session:
        rows = {(c.kind, c.code): c.number for c in session.scalars(sa.select(RatingCount))}
        assert rows == {("level", "HTXS"): 2, ("level", "HTT"): 11, ("unrated", "committee_suspended"): 1}
        entry = session.scalars(sa.select(Entry).where(Entry.tag == "unit:rating:count").order_by(Entry.id.desc())).first()
        assert entry is not None and '"CLS-EXEMPT":"not_met"' in entry.canonical
        whole = ratings.tally(session, tree.unit_id(session, "X"), YEAR, ON)
        assert (whole.good, whole.rated, whole.unrated) == (13, 13, {"committee_suspended": 1})
        view = ratings.cap_of(session, "C1", YEAR, ON)
        assert view is not None and view.working is not None and (view.excellent, view.working.allowed, view.over) == (2, 2, False)
        assert fold.compare(session) == []


def test_a_label_stays_as_printed_beside_scheme_and_rank(place: World) -> None:
    period = Period.year(2016)
    with place.database.write() as session:
        with pytest.raises(BadInput) as wrong:
            ratings.decide(session, place.actors["base"], D(2017, 1, 15), Said("C1", period, "không hoàn thành nhiệm vụ"))
        assert "Hoàn thành nhiệm vụ" in str(wrong.value)
        ratings.decide(session, place.actors["base"], D(2017, 1, 15), Said("C1", period, "không hoàn thành nhiệm vụ", rank=1))
        with pytest.raises(BadInput):
            ratings.decide(session, place.actors["base"], D(2017, 1, 15), Said("C2", period, "Trong sạch, vững mạnh", rank=1))
        with pytest.raises(BadInput):
            ratings.decide(session, place.actors["base"], D(2017, 1, 15), Said("C2", period, "TSVM", scheme="HD 99"))
        ratings.decide(session, place.actors["base"], D(2017, 1, 15), Said("C2", period, "trong sạch vững mạnh", scheme="27-HD/BTCTW"))
        found = session.execute(sa.select(Rating.label, Rating.scheme, Rating.rank).order_by(Rating.id)).all()
    assert [tuple(r) for r in found] == [("không hoàn thành nhiệm vụ", "HD-27-2014", 1), ("trong sạch vững mạnh", "HD-27-2014", 4)]


@pytest.mark.parametrize(("period", "scheme"), [
    (Period.year(2014), "HD-27-2014"), (Period.year(2017), "HD-27-2014"), (Period.year(2018), "HD-16-2018"),
    (Period.year(2019), "HD-21-2019"), (Period.year(2022), "HD-21-2019"), (Period.year(2023), "HD-25-2023"),
    (Period.year(2024), "HD-25-2023"), (Period.year(2025), "HD-43-2025"), (Period.quarter(2025, 4), "HD-43-2025")])
def test_the_scheme_is_that_of_the_period_reviewed(place: World, period: Period, scheme: str) -> None:
    with place.database.read() as session:
        assert ratings.scheme_for(session.info["book"], period) == scheme


def test_the_year_2017_follows_guidance_27_also_when_decided_under_regulation_132(place: World) -> None:
    with place.database.read() as session:
        verdict = ratings.ask(session, place.actors["base"], D(2018, 3, 20), "decide", Said("C1", Period.year(2017), "Yếu kém", points=49))
    assert verdict.possible
    outcomes = {f.rule: f.outcome for f in verdict.judged.findings}
    assert outcomes["CLS-WEAK-2014"] == "met" and "CLS-STEPS" not in outcomes


def test_quarters_are_rated_from_regulation_366_on(place: World) -> None:
    place.clock.day = D(2025, 12, 20)
    with place.database.write() as session:
        with pytest.raises(StepRefused) as refused:
            ratings.decide(session, None, D(2025, 4, 10), Said("C1", Period("quarter", D(2025, 1, 1), D(2025, 3, 31)), HTT))
        assert refused.value.refused == ("CLS-PERIOD",)
        ratings.decide(session, None, D(2025, 10, 10), Said("C1", Period.quarter(2025, 3), HTT, points=80))
        with pytest.raises(BadInput):
            ratings.decide(session, None, D(2014, 1, 10), Said("C1", Period.year(2013), HTT))


def test_points_below_the_level_warn_and_are_told_with_the_entry(place: World) -> None:
    place.clock.day = D(2025, 12, 20)
    with place.database.write() as session:
        ratings.decide(session, None, D(2025, 12, 20), Said("C1", Period.year(2025), "HTXS", points=89))
        assert '"CLS-BAND":"not_met"' in str(session.scalar(sa.select(Entry.canonical).order_by(Entry.id.desc()).limit(1)))
        for points in (-1, 101, True):
            with pytest.raises(BadInput):
                ratings.decide(session, None, D(2025, 12, 20), Said("C2", Period.year(2025), "HTXS", points=points))


def test_points_go_with_the_level_they_were_proposed_for(place: World) -> None:
    with place.database.write() as session:
        for unit in ("C1", "C2"):
            ratings.self_assess(session, None, D(2024, 12, 20), Said(unit, YEAR, "KHT", points=0))
            ratings.verify(session, None, D(2025, 1, 5), Said(unit, YEAR))
        ratings.decide(session, None, ON, Said("C1", YEAR, "Không hoàn thành nhiệm vụ"))
        ratings.decide(session, None, ON, Said("C2", YEAR, "Hoàn thành nhiệm vụ"))
    assert (row(place, "C1")["points"], row(place, "C2")["verified_points"], row(place, "C2")["points"]) == (0, 0, None)


def test_a_day_ahead_is_refused(place: World) -> None:
    with place.database.write() as session, pytest.raises(StepRefused) as refused:
        ratings.decide(session, place.actors["base"], D(2025, 3, 4), Said("C1", YEAR, HTT))
    assert refused.value.refused == ("FACT:taken.day",)


def test_a_decision_known_from_paper_replaces_what_stands(place: World) -> None:
    whole_way(place, "C1", "secretary", "officer", "base")
    with place.database.write() as session:
        for by in ("secretary", "inspector", "stranger", "keeper"):
            with pytest.raises(NotPermitted):
                ratings.take_over(session, place.actors[by], D(2025, 2, 1), Said("C1", YEAR, "HT"))
        ratings.take_over(session, place.actors["board"], D(2025, 2, 1), Said("C3", YEAR, "HT"))
    with place.database.write() as session:
        with pytest.raises(StepRefused) as refused:  # what was assessed here keeps its order
            ratings.take_over(session, place.actors["board"], D(2025, 2, 1), Said("C1", YEAR, "HT"))
        assert "CLS-STEPS" in refused.value.refused


def test_what_is_marked_as_history_is_not_judged(place: World) -> None:
    with place.database.write() as session:
        ratings.take_over(session, None, D(2017, 1, 10), Said("C1", Period.year(2016), "kém", scheme="quy định tỉnh", rank=1, imported=True))
    found = row(place, "C1", Period.year(2016))
    assert (found["label"], found["rank"], found["scheme"], found["imported"]) == ("kém", 1, "HD-27-2014", True)
