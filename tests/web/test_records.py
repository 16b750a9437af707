"""Lists, papers, facts and the helper of a case: entered, corrected, taken out, refused."""
from __future__ import annotations

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from tests.web import casework
from tests.web.conftest import Visitor
from tests.web.test_steps import NASTY
from workflow.models import Admission, Case, Helper, Introducer, Opinion, Paper, Relative
from workflow.site import Site


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


@pytest.fixture
def case(site: Site) -> int:
    return casework.case_id(site, "applying", "C1")


def form(visitor: Visitor, path: str) -> dict[str, str]:
    assert visitor.get(path).status_code == 200
    assert visitor.page is not None
    return casework.filled_in(visitor.page)


def test_relatives_are_entered_corrected_declared_and_taken_out(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/danh-sach/relatives"
    visitor.sign_in("bithu1", casework.PASSWORD)
    assert visitor.post(path, {**form(visitor, path), "i_kind": "father", "full_name": "Nông Văn Cha", "i_result_on": "1/9/2026"}).status_code == 303
    visitor.get(path)
    page = visitor.page
    assert page is not None and "Nông Văn Cha" in page.text and "Cha đẻ" in page.text and "01/09/2026" in page.text
    with site.database.read() as session:
        row = session.scalars(sa.select(Relative).where(Relative.case_id == case)).one()
    change = f"{path}/{row.id}"
    data = form(visitor, change)
    assert data["full_name"] == "Nông Văn Cha" and data["i_kind"] == "father"
    assert visitor.post(change, {**data, "i_full_capacity": "yes", "full_name": "Nông Văn Ch"}).status_code == 303
    assert visitor.post(f"{path}/du", {"complete": "1", "version": form(visitor, path)["version"]}).status_code == 303
    with site.database.read() as session:
        row = session.scalars(sa.select(Relative).where(Relative.case_id == case)).one()
        assert (row.full_name, row.full_capacity, row.result_on) == ("Nông Văn Ch", True, dt.date(2026, 9, 1))
        assert session.scalars(sa.select(Admission.relatives_declared).where(Admission.case_id == case)).one() is True
    asked = form(visitor, f"{change}/bo")
    assert visitor.page is not None and "Nông Văn Ch" in visitor.page.text
    assert visitor.post(f"{change}/bo", asked).status_code == 303
    with site.database.read() as session:
        assert not session.scalars(sa.select(Relative).where(Relative.case_id == case)).all()


def test_a_relative_is_of_some_kind_and_somebody(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/danh-sach/relatives"
    visitor.sign_in("bithu1", casework.PASSWORD)
    for given, said in (({}, {"#i_kind", "#full_name"}), ({"i_kind": "father"}, {"#full_name"}), ({"full_name": "Nông Văn Cha"}, {"#i_kind"})):
        answer = visitor.post(path, {**form(visitor, path), **given})
        assert answer.status_code == 422
        assert visitor.page is not None
        assert {e.attrs["href"] for e in visitor.page.all("a") if e.attrs["href"] in ("#i_kind", "#full_name")} == said, given
    with site.database.read() as session:
        assert not session.scalars(sa.select(Relative).where(Relative.case_id == case)).all()


def test_an_introducer_is_a_member_named_once(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/danh-sach/introducers"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    member = next(e.attrs["value"] for e in visitor.page.all("option") if e.text == "Tô Văn Rạng")  # type: ignore[union-attr]
    sent = {**data, "i_person": member, "i_official": "yes", "i_together_since": "1/1/2024", "i_signed_on": "1/10/2026"}
    assert visitor.post(path, sent).status_code == 303
    assert visitor.post(path, {**sent, "version": form(visitor, path)["version"]}).status_code == 422
    with site.database.read() as session:
        assert session.scalars(sa.select(Introducer.person_id).where(Introducer.case_id == case, Introducer.person_id.is_not(None))).all() \
            == [int(member)]


def test_an_opinion_names_its_source(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/danh-sach/opinions"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    assert visitor.post(path, data).status_code == 422
    assert visitor.post(path, {**data, "i_source": "mass", "organ": "Đoàn thanh niên xã", "i_given_on": "5/9/2026"}).status_code == 303
    with site.database.read() as session:
        assert session.scalars(sa.select(Opinion.organ).where(Opinion.case_id == case)).all() == ["Đoàn thanh niên xã"]


def test_a_paper_is_registered_and_a_personal_one_keeps_no_content(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/giay-to"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    personal = next(kind for kind, paper in casework.law().processes["admission"].papers.items() if paper.personal)
    assert visitor.post(path, {**data, "kind": personal, "extract": "Nội dung"}).status_code == 422
    assert visitor.post(path, {**data, "kind": personal, "issued_on": "1/1/2030"}).status_code == 422
    assert visitor.post(path, {**data, "kind": personal, "number": "01", "issued_on": "2/9/2026", "kept_at": "Tủ chi bộ"}).status_code == 303
    with site.database.read() as session:
        assert session.scalars(sa.select(Paper.kept_at).where(Paper.case_id == case, Paper.number == "01")).all() == ["Tủ chi bộ"]
    assert "lưu tại Tủ chi bộ" in visitor.get(f"/ho-so/{case}").text


def test_facts_are_corrected_by_those_whose_they_are(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/thong-tin"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    assert data["f_candidate__edu"] == "higher" and "f_consent__edu_on" not in data
    assert visitor.post(path, {**data, "f_candidate__edu": "primary", "f_candidate__edu_area": "yes"}).status_code == 303
    with site.database.read() as session:
        row = session.scalars(sa.select(Admission).where(Admission.case_id == case)).one()
        assert (row.edu, row.edu_area, row.former_member) == ("primary", True, False)
    before = casework.entries(site)
    assert visitor.post(path, form(visitor, path)).status_code == 303  # nothing changed, nothing written
    assert casework.entries(site) == before
    assert visitor.post(path, {**form(visitor, path), "f_dossier__set_up_on": "1/1/2030"}).status_code == 422
    visitor.sign_in("kiemtra", casework.PASSWORD)
    assert not casework.filled_in_main(form(visitor, path))


def test_another_helper_is_named(visitor: Visitor, site: Site) -> None:
    case = casework.case_id(site, "nominated", "C1")
    path = f"/ho-so/{case}/nguoi-giup-do"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    member = next(e.attrs["value"] for e in visitor.page.all("option") if e.text == "Tô Văn Rạng")  # type: ignore[union-attr]
    assert visitor.post(path, {**data, "person": member}).status_code == 303
    with site.database.read() as session:
        helpers = session.execute(sa.select(Helper.person_id, Helper.to_on).where(Helper.case_id == case).order_by(Helper.id)).all()
    assert helpers[-1] == (int(member), None) and helpers[0].to_on is not None


def test_a_stale_page_is_a_conflict_with_the_text_kept(visitor: Visitor, site: Site, case: int) -> None:
    path = f"/ho-so/{case}/danh-sach/opinions"
    visitor.sign_in("bithu1", casework.PASSWORD)
    data = form(visitor, path)
    with site.database.write() as session:
        session.execute(sa.update(Case).where(Case.id == case).values(version=9))
    answer = visitor.post(path, {**data, "i_source": "mass", "organ": "Đoàn thanh niên xã"})
    assert answer.status_code == 409 and visitor.page is not None
    kept = casework.filled_in(visitor.page)
    assert kept["organ"] == "Đoàn thanh niên xã" and kept["version"] == "9"
    assert visitor.post(path, kept).status_code == 303


def test_a_closed_case_takes_nothing_more(visitor: Visitor, site: Site, case: int) -> None:
    with site.database.write() as session:
        session.execute(sa.update(Case).where(Case.id == case).values(closed_on=dt.date(2026, 10, 10)))
    visitor.sign_in("bithu1", casework.PASSWORD)
    for path in ("danh-sach/relatives", "giay-to", "thong-tin", "nguoi-giup-do"):
        assert visitor.get(f"/ho-so/{case}/{path}").status_code == 200
        assert visitor.post(f"/ho-so/{case}/{path}", {"version": "1"}).status_code == 403


@pytest.mark.parametrize("place", ["danh-sach/relatives", "danh-sach/introducers", "danh-sach/opinions", "giay-to", "thong-tin",
                                   "nguoi-giup-do", "nhan-xet", "danh-sach/relatives/du"])
def test_no_input_breaks_a_record_page(visitor: Visitor, site: Site, case: int, place: str) -> None:
    chance = random.Random(place)
    path = f"/ho-so/{case}/{place}"
    visitor.sign_in("bithu1", casework.PASSWORD)
    for _ in range(12):
        data = form(visitor, path.removesuffix("/du"))
        names = sorted(set(data) - {"csrf_token"})
        for name in chance.sample(names, chance.randint(1, len(names))):
            data[name] = chance.choice(NASTY)
        if place.endswith("/du"):
            data["complete"] = chance.choice(NASTY)
        before = casework.entries(site)
        answer = visitor.post(path, data)
        assert answer.status_code in (303, 400, 403, 404, 409, 422), (path, data)
        assert casework.entries(site) <= before + (answer.status_code == 303)


def test_facts_stand_by_area_and_say_once_that_they_may_be_left_empty(visitor: Visitor, site: Site, case: int) -> None:
    visitor.sign_in("bithu1", casework.PASSWORD)
    visitor.get(f"/ho-so/{case}/thong-tin")
    page = visitor.page
    assert page is not None
    heads = [e.text for e in page.all("h2")]
    assert heads[:2] == ["Bản thân", "Trường hợp riêng"] and len(heads) == len(set(heads))
    names = [e.attrs["name"] for e in page.all("input") if e.attrs.get("name", "").startswith("f_")]
    assert names.index("f_route__hoa") > max(i for i, n in enumerate(names) if n.startswith("f_candidate__"))
