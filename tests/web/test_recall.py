"""Taking back one's own last entry of a case."""
from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from workflow.models import Case, Paper
from workflow.site import Site


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


def _paper(visitor: Visitor, case: int, number: str) -> None:
    visitor.get(f"/ho-so/{case}/giay-to")
    assert visitor.page is not None
    kind = next(e.attrs["value"] for e in visitor.page.all("option") if e.attrs.get("value"))
    data = casework.filled_in(visitor.page)
    assert visitor.post(f"/ho-so/{case}/giay-to", {**data, "kind": kind, "number": number}).status_code == 303


def _papers(site: Site, case: int) -> list[str]:
    with site.database.read() as session:
        return list(session.scalars(sa.select(Paper.number).where(Paper.case_id == case).order_by(Paper.id)))


def test_the_last_entry_is_taken_back_with_a_reason(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "nominated", "C1")
    path = f"/ho-so/{case}/thu-hoi"
    visitor.sign_in("bithu1", casework.PASSWORD)
    before = _papers(site, case)
    _paper(visitor, case, "12-NQ")
    with site.database.read() as session:
        version = session.scalars(sa.select(Case.version).where(Case.id == case)).one()
    assert path in {e.attrs.get("href") for e in visitor.get(f"/ho-so/{case}") and visitor.page.all("a")}  # type: ignore[union-attr]
    visitor.get(path)
    assert visitor.page is not None
    data = casework.filled_in(visitor.page)
    assert visitor.post(path, {**data, "reason": "  "}).status_code == 422
    assert visitor.post(path, {**data, "reason": "ghi nhầm", "csrf_token": "x"}).status_code == 400
    assert _papers(site, case) == [*before, "12-NQ"]
    assert visitor.post(path, {**data, "reason": "ghi nhầm văn bản"}).status_code == 303
    assert _papers(site, case) == before
    with site.database.read() as session:
        assert session.scalars(sa.select(Case.version).where(Case.id == case)).one() > version
    assert visitor.get(path).status_code == 404, "a recall itself stays"
    assert visitor.post(path, {**data, "reason": "lần nữa"}).status_code == 409


def test_somebody_elses_entry_and_one_with_another_after_it_stay(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "nominated", "C1")
    path = f"/ho-so/{case}/thu-hoi"
    visitor.sign_in("bithu1", casework.PASSWORD)
    _paper(visitor, case, "12-NQ")
    visitor.get(path)
    data = casework.filled_in(visitor.page)  # type: ignore[arg-type]
    _paper(visitor, case, "13-NQ")
    assert visitor.post(path, {**data, "reason": "ghi nhầm"}).status_code == 409
    visitor.get(path)
    data = casework.filled_in(visitor.page)  # type: ignore[arg-type]
    visitor.sign_in("thuongvu", casework.PASSWORD)
    assert path not in {e.attrs.get("href") for e in visitor.get(f"/ho-so/{case}") and visitor.page.all("a")}  # type: ignore[union-attr]
    assert visitor.get(path).status_code == 404
    visitor.get("/")
    token = casework.filled_in(visitor.page)["csrf_token"]  # type: ignore[arg-type]
    assert visitor.post(path, {**data, "csrf_token": token, "reason": "ghi nhầm"}).status_code == 422
    visitor.sign_in("bithu2", casework.PASSWORD)
    assert visitor.get(path).status_code == 404
    assert _papers(site, case)[-2:] == ["12-NQ", "13-NQ"]
