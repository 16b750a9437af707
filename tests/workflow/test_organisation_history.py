"""Everything that happens to units, people, accounts and figures is history: the journal alone gives back every row."""
from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tests.workflow.organisation import START, district, empty, found
from workflow import accounts, offices, people, targets, tree, units
from workflow.fold import compare
from workflow.models import Office, Substitution

D = dt.date
NOW = dt.datetime(2026, 3, 1, 3, tzinfo=dt.timezone.utc)


def test_the_journal_gives_back_every_row(database_url: str) -> None:
    with empty(database_url) as database:
        with database.write() as session:
            district(session)
            an, be, cu = (people.add_person(session, None, START, full_name=n, unit="C1") for n in ("Nông Văn An", "Hà Thị Bé", "Lý Cư"))
            people.update_person(session, None, START, person=an, born_on=D(2000, 5, 20), gender="male", standing="official")
            office = offices.grant_office(session, None, START, person=an, role="cell_secretary", unit="C1")
            other = offices.grant_office(session, None, START, person=be, role="cell_secretary", unit="C2")
            first = offices.grant_substitution(session, None, START, office=office, person=be, since=D(2025, 1, 1), until=D(2025, 1, 9))
            offices.grant_substitution(session, None, START, office=office, person=be, since=D(2025, 9, 1), until=D(2025, 9, 9))
            offices.end_substitution(session, None, D(2025, 1, 5), substitution=first)
            offices.end_office(session, None, D(2024, 1, 1), office=other)
            people.declare_conflict(session, None, START, person=be, other=cu, tie="chị em")
            account = accounts.create_account(session, None, username="an", person=an)
            accounts.disable_account(session, None, account, NOW)
            units.state_strength(session, None, START, unit="H", official=3600, comparator=">", source="Báo cáo")
            term = {"period_from": D(2020, 1, 1), "period_to": D(2025, 6, 30)}
            targets.set_target(session, None, START, unit="H", value=200, **term)
            targets.set_statement(session, None, START, unit="H", value=190, source="Báo cáo", **term)
            targets.set_statement(session, None, START, unit="H", value=195, source="Báo cáo", **term)
            units.delegate(session, None, D(2020, 1, 1), unit="X", delegated=True)
            units.rename(session, None, D(2021, 1, 1), unit="X", name="Đảng bộ xã X", paper="01-QĐ/HU")
            found(session, "Y", "base_committee", "H")
            units.merge(session, None, D(2025, 3, 1), units=["X", "Y"], into="Z", name="Đảng bộ Z", kind="base_committee", parent="H")
            units.split(session, None, D(2025, 4, 1), unit="C1", into=[{"code": "C1A", "name": "A"}, {"code": "C1B", "name": "B"}], rest="C1B")
            units.end(session, None, D(2025, 5, 31), unit="C2", successor="C1A")
            units.change(session, None, D(2025, 7, 1), unit="Z", kind="commune_above_base", parent="T")
        with database.read() as session:
            assert compare(session) == []
            assert tree.line(session, tree.unit_id(session, "C1A"), D(2025, 7, 1)).codes == ("C1A", "Z", "T")
            assert session.scalar(sa.select(Office.to_on).where(Office.id == office)) == D(2025, 3, 31)
            assert session.scalars(sa.select(Substitution.to_on)).all() == [D(2025, 1, 5)]
