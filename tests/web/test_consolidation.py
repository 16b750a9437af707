"""A weak unit on the site: from its rating to the end of after-care, its board, and the pages of its plan."""
from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
import sqlalchemy as sa

from tests.web import casework, weakunits
from tests.web.conftest import Visitor
from tests.web.weakunits import GOOD, D, person, state_of
from workflow.context import FixedClock
from workflow.models import Consolidation, Duty, Indicator, Measure, UnitProblem, WorkReport
from workflow.site import Site

TODAY = casework.TODAY


@pytest.fixture
def site(case_site: Site) -> Site:
    return case_site


def to(site: Site, day: D) -> None:
    assert isinstance(site.clock, FixedClock)
    site.clock.day = day


def send(visitor: Visitor, path: str, **fields: object) -> str:
    """Open a form, fill some of its fields in, send it with the rest as it was; the words of the answer."""
    visitor.get(path)
    assert visitor.page is not None
    data = {**casework.filled_in_main(casework.filled_in(visitor.page)), **{k: v for k, v in fields.items() if v is not None}}
    answer = visitor.post(path, data, follow=True)
    assert answer.status_code in (200, 422), (path, answer.status_code)
    assert visitor.page is not None
    return visitor.page.one("main").text


def step(visitor: Visitor, case: int, name: str, **fields: object) -> str:
    return send(visitor, f"/ho-so/{case}/buoc/{name}", no_conflict="y", **fields)


def enter(visitor: Visitor, key: str) -> None:
    visitor.sign_in(key, casework.PASSWORD)


def row(visitor: Visitor, case: int, name: str, **fields: object) -> None:
    assert "Đã lưu" in send(visitor, f"/ho-so/{case}/danh-sach/{name}", **fields)


def declare(visitor: Visitor, case: int, name: str) -> None:
    path = f"/ho-so/{case}/danh-sach/{name}"
    visitor.get(path)
    assert visitor.page is not None
    version = next(e.attrs["value"] for e in visitor.page.all("input", name="version"))
    visitor.post(f"{path}/du", {"version": version, "complete": "1"}, follow=True)


def test_from_the_rating_to_the_end_of_after_care(visitor: Visitor, site: Site) -> None:
    """By forms alone, through refusals that say what is missing and who can put it right."""
    unit = weakunits.weak(site, "X")
    head, member, owner = (str(person(site, key)) for key in ("truongban", "giup", "coso"))
    enter(visitor, "ban")
    text = send(visitor, "/ho-so/moi/consolidation/open_screening", unit=str(unit), no_conflict="y")
    assert "Rà soát" in text and "Đảng ủy cơ sở Khau Pạu" in text
    with site.database.read() as session:
        found = session.execute(sa.select(Consolidation.case_id, Consolidation.entry_rank, Consolidation.entry_by_flag)).one()
    case, rank, by_flag = found
    assert (rank, by_flag) == (2, False)

    enter(visitor, "thuongvu")
    assert "Nguyên nhân" in step(visitor, case, "approve_list") and state_of(site, case) == "screening"
    step(visitor, case, "approve_list", f_listing__cause="Cấp ủy chưa sát việc", f_listing__type="leadership")
    assert state_of(site, case) == "listed"
    enter(visitor, "ban")
    step(visitor, case, "begin_planning")
    row(visitor, case, "team", i_person=head, i_head="yes", i_standing_board="yes")
    row(visitor, case, "team", i_person=member, i_head="no", i_standing_board="no")
    row(visitor, case, "measures", content="Kiện toàn chi ủy", i_owner=owner, i_due_on="15/11/2026")
    row(visitor, case, "measures", content="Giải quyết đơn thư tồn đọng", i_owner=head, i_due_on="30/12/2026")
    declare(visitor, case, "team")
    refused = step(visitor, case, "issue_plan", signatory=str(person(site, "thuongvu")))
    assert "biện pháp" in refused and "phụ trách, theo dõi" in refused and state_of(site, case) == "planning"
    declare(visitor, case, "measures")
    step(visitor, case, "issue_plan", signatory=str(person(site, "thuongvu")), f_plan__oversight=head)
    assert state_of(site, case) == "plan_issued"
    visitor.get(f"/ho-so/{case}")
    assert visitor.page is not None and "15/10/2027" in visitor.page.one("main").text
    declare(visitor, case, "cadres")

    enter(visitor, "truongban")
    refused = step(visitor, case, "start_work")
    assert "kế hoạch" in refused.lower() and state_of(site, case) == "plan_issued"
    step(visitor, case, "start_work", f_own_plan__issued_on="15/10/2026")
    assert state_of(site, case) == "in_progress"

    to(site, D(2027, 10, 20))
    enter(visitor, "thuongvu")
    refused = step(visitor, case, "close_period")
    assert "báo cáo" in refused.lower() and state_of(site, case) == "in_progress"
    enter(visitor, "giup")
    for number in range(12):
        month = D(2026 + (10 + number) // 12, (10 + number) % 12 + 1, 1)
        send(visitor, f"/ho-so/{case}/bao-cao/team_report?ky={month:%Y-%m}", period=f"{month:%Y-%m}", content="Đã đôn đốc")
    send(visitor, f"/ho-so/{case}/bao-cao/mid_review", period="2027-04", content="Đạt nửa chặng", held_on="20/04/2027")
    enter(visitor, "kycoso")
    for month in ("2027-01", "2027-04", "2027-07", "2027-10"):
        send(visitor, f"/ho-so/{case}/bao-cao/unit_report?ky={month}", period=month, content="Đã khắc phục")
    enter(visitor, "thuongvu")
    step(visitor, case, "close_period")
    assert state_of(site, case) == "awaiting_rating"

    refused = step(visitor, case, "recognise_recovery")
    assert "xếp loại" in refused and state_of(site, case) == "awaiting_rating"
    with site.database.write() as session:
        weakunits.rate(session, "X", 2026, GOOD, D(2027, 1, 20))
    enter(visitor, "ban")
    declare(visitor, case, "problems")
    enter(visitor, "truongban")
    visitor.get(f"/ho-so/{case}/buoc/recognise_recovery")
    assert visitor.page is not None and not visitor.page.all("button", class_="btn btn-primary"), "the head of the team recognises nothing"
    assert "tham gia củng cố" in visitor.page.one("main").text
    enter(visitor, "thuongvu")
    step(visitor, case, "recognise_recovery")
    assert state_of(site, case) == "recovered"
    enter(visitor, "ban")
    step(visitor, case, "begin_aftercare")
    to(site, D(2028, 10, 25))
    enter(visitor, "thuongvu")
    assert "xếp loại" in step(visitor, case, "close_aftercare") and state_of(site, case) == "aftercare"
    with site.database.write() as session:
        weakunits.rate(session, "X", 2027, GOOD, D(2028, 1, 20))
    step(visitor, case, "close_aftercare")
    assert state_of(site, case) == "closed"
    enter(visitor, "kiemtra")
    visitor.get(f"/ho-so/{case}?all=1")
    assert visitor.page is not None
    told = visitor.page.one("main").text
    assert "Công nhận đã khắc phục yếu kém" in told and "2025" in told and "2027" in told


def test_a_start_form_tells_how_units_stand_and_takes_problems(visitor: Visitor, site: Site) -> None:
    weakunits.weak(site, "X")
    with site.database.write() as session:
        weakunits.rate(session, "K", 2025, GOOD, D(2026, 1, 20))
        good = casework.engine_unit(session, "K")
    enter(visitor, "ban")
    visitor.get("/ho-so/moi/consolidation/open_screening")
    assert visitor.page is not None
    options = [e.text for e in visitor.page.all("option") if "mức" in e.text]
    assert not visitor.page.all("input", name="f_entry__by_flag"), "how it came in follows from the rating and is not typed"
    assert options[0].startswith("Đảng ủy cơ sở Khau Pạu") and "mức 2/4" in options[0] and "mức 3/4" in options[1]
    refused = send(visitor, "/ho-so/moi/consolidation/open_screening", unit=str(good), no_conflict="y")
    assert "Cần sửa các mục sau" in refused
    send(visitor, "/ho-so/moi/consolidation/open_screening", unit=str(good), no_conflict="y", c_problems=["disunity", "security"])
    with site.database.read() as session:
        assert session.scalar(sa.select(Consolidation.entry_by_flag)) is True
        assert set(session.scalars(sa.select(UnitProblem.kind).where(UnitProblem.unit_id == good))) == {"disunity", "security"}
    visitor.get("/ho-so/moi/consolidation/open_screening")
    assert visitor.page is not None and "Chi bộ Trạm y tế" not in visitor.page.one("main").text, "it has an open case"
    for account, status in (("bithu1", 200), ("quan.tri", 404)):
        enter(visitor, account)
        assert visitor.get("/ho-so/moi/consolidation/open_screening").status_code == status
        assert visitor.page is not None and not visitor.page.all("select", name="unit")


def test_the_board_counts_what_its_lists_hold(visitor: Visitor, site: Site) -> None:
    late = weakunits.working(site, "X", D(2026, 5, 4), due=D(2026, 8, 1))
    weakunits.open_case(site, weakunits.weak(site, "K"))
    enter(visitor, "ban")
    visitor.get("/cung-co")
    page = visitor.page
    assert page is not None and len(page.all("th", scope="row")) == 2
    counts = [(e.attrs["href"], int(found[0])) for e in page.all("a") if e.attrs.get("href", "").startswith("/ho-so?")
              and (found := re.match(r"\d+", e.text))]
    assert len(counts) == 7 and sum(n for _href, n in counts) == 4
    for href, number in counts:
        visitor.get(href)
        assert visitor.page is not None and len(visitor.page.all("th", scope="row")) == number, href
    for query, rows in (("?only=measures", 1), ("?only=unplanned", 1), ("?stage=work", 1), ("?q=tram+y", 1), ("?q=khong+co", 0),
                        ("?sort=late", 2), ("?sort=report", 2), ("?only=x&sort=y&unit=abc", 2), ("?unit=99999999", 2)):
        assert visitor.get(f"/cung-co{query}").status_code == 200
        assert visitor.page is not None and len(visitor.page.all("th", scope="row")) == rows, query
    table = list(csv.reader(io.StringIO(visitor.get("/cung-co?format=csv&only=measures").data.decode("utf-8-sig"))))
    assert len(table) == 2 and table[1][0] == str(late) and table[1][8:11] == ["2", "0", "2"]
    enter(visitor, "bithu1")
    assert visitor.get("/cung-co").status_code == 200
    assert visitor.page is not None and not visitor.page.all("th", scope="row")


@pytest.mark.parametrize("account", ["ban", "thuongvu", "truongban", "giup", "coso", "kycoso", "kiemtra"])
def test_every_card_of_a_plan_says_how_long_its_list_is(visitor: Visitor, site: Site, account: str) -> None:
    weakunits.working(site, "X", D(2026, 5, 4), due=D(2026, 8, 1))
    enter(visitor, account)
    visitor.get("/")
    assert visitor.page is not None
    cards = {e.attrs["href"]: int(found[0]) for e in visitor.page.all("a") if e.attrs.get("href", "").startswith("/ho-so?queue=")
             and (found := re.match(r"\d+", e.text))}
    assert cards["/ho-so?queue=late_reports"] == 1 and cards["/ho-so?queue=own_measures"] == (account in ("coso", "truongban"))
    assert cards["/ho-so?queue=work_reports"] == (account in ("truongban", "kycoso"))
    for href, number in cards.items():
        visitor.get(f"{href}&size=100")
        assert visitor.page is not None and len(visitor.page.all("th", scope="row")) == number, href


def test_the_board_costs_the_same_however_many_plans(visitor: Visitor, site: Site) -> None:
    enter(visitor, "ban")
    statements: list[str] = []
    sa.event.listen(site.database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    counts = []
    for unit in (None, "X", "K"):
        if unit:
            weakunits.issued(site, unit)
        statements.clear()
        visitor.get("/cung-co")
        counts.append(len(statements))
    assert counts[2] - counts[1] <= 2 and max(counts) <= 30, counts


def test_progress_in_two_taps_and_only_for_those_it_concerns(visitor: Visitor, site: Site) -> None:
    case = weakunits.working(site)
    with site.database.read() as session:
        own, other = session.scalars(sa.select(Measure.id).where(Measure.case_id == case).order_by(Measure.id)).all()
    enter(visitor, "coso")
    visitor.get("/")
    assert visitor.page is not None and f"/ho-so/{case}/bien-phap/{own}" in {e.attrs.get("href") for e in visitor.page.all("a")}
    send(visitor, f"/ho-so/{case}/bien-phap/{own}", tap="75")
    send(visitor, f"/ho-so/{case}/bien-phap/{own}", progress="80", result="Còn một việc")
    with site.database.read() as session:
        assert session.execute(sa.select(Measure.progress, Measure.result).where(Measure.id == own)).one() == (80, "Còn một việc")
    assert "Hãy chọn" in send(visitor, f"/ho-so/{case}/bien-phap/{own}", tap="", progress="")
    enter(visitor, "kiemtra")
    for path in (f"bien-phap/{own}", f"bien-phap/{other}", "tieu-chi", "chi-tieu-theo-doi", "den-don-vi", "bao-cao/team_report", "bao-cao/x"):
        assert visitor.get(f"/ho-so/{case}/{path}").status_code == 404, path


def test_figures_visits_and_reports_are_entered_corrected_and_taken_out(visitor: Visitor, site: Site) -> None:
    case = weakunits.working(site)
    enter(visitor, "giup")
    assert "Cần sửa" in send(visitor, f"/ho-so/{case}/chi-tieu-theo-doi", name="Hộ nghèo", value="hai mươi")
    send(visitor, f"/ho-so/{case}/chi-tieu-theo-doi", name="Hộ nghèo", unit="%", value="21,5", change="-7,3", change_kind="unclear")
    send(visitor, f"/ho-so/{case}/tieu-chi", name="Nông thôn mới", total="19", met="10")
    send(visitor, f"/ho-so/{case}/den-don-vi", person=str(person(site, "giup")), visited_on="14/10/2026", occasion="Dự họp chi bộ")
    visitor.get(f"/ho-so/{case}")
    assert visitor.page is not None
    text = visitor.page.one("main").text
    for part in ("10/19", "52,6%", "21,5 %", "-7,3", "28,8 %", "23,19 %", "Dự họp chi bộ"):
        assert part in text, part
    with site.database.read() as session:
        key = session.scalars(sa.select(Indicator.id)).one()
    visitor.get(f"/ho-so/{case}/chi-tieu-theo-doi/{key}")
    assert visitor.page is not None and casework.filled_in(visitor.page)["value"] == "21,5"
    send(visitor, f"/ho-so/{case}/bo/indicator/{key}")
    with site.database.read() as session:
        assert session.scalar(sa.select(sa.func.count(Indicator.id))) == 0
    to(site, D(2026, 11, 20))
    send(visitor, f"/ho-so/{case}/bao-cao/team_report", content="Đã làm việc với cấp ủy")
    with site.database.read() as session:
        assert session.scalar(sa.select(WorkReport.period)) == D(2026, 11, 1)
        assert session.scalar(sa.select(Duty.due_on).where(Duty.kind == "team_report")) == D(2026, 12, 15)


def test_a_relapse_is_linked_both_ways(visitor: Visitor, site: Site) -> None:
    case = weakunits.working(site, "X", D(2026, 1, 25))
    with site.database.write() as session:
        session.execute(sa.update(Duty).where(Duty.case_id == case).values(open_until=None, met_on=TODAY))
        session.execute(sa.update(Consolidation).where(Consolidation.case_id == case).values(mid_review_on=D(2026, 7, 1), problems_declared=True))
    to(site, D(2027, 2, 1))
    weakunits.take(site, case, "close_period", "thuongvu", D(2027, 1, 10))
    with site.database.write() as session:
        weakunits.rate(session, "X", 2026, GOOD, D(2027, 1, 15))
    weakunits.take(site, case, "recognise_recovery", "thuongvu", D(2027, 1, 20))
    weakunits.take(site, case, "begin_aftercare", "ban", D(2027, 1, 21))
    to(site, D(2028, 2, 1))
    with site.database.write() as session:
        weakunits.rate(session, "X", 2027, weakunits.WEAK, D(2028, 1, 15))
    weakunits.take(site, case, "reopen_as_relapse", "ban", D(2028, 2, 1))
    with site.database.read() as session:
        again = session.scalars(sa.select(Consolidation.case_id).where(Consolidation.relapse_of == case)).one()
    enter(visitor, "ban")
    for here, there in ((case, again), (again, case)):
        visitor.get(f"/ho-so/{here}")
        assert visitor.page is not None and f"/ho-so/{there}" in {e.attrs.get("href") for e in visitor.page.all("a")}


def test_versions_of_the_plan_are_compared_on_the_page(visitor: Visitor, site: Site) -> None:
    case = weakunits.working(site, "X", D(2026, 1, 25))
    with site.database.write() as session:
        session.execute(sa.update(Duty).where(Duty.case_id == case).values(open_until=None, met_on=TODAY))
        session.execute(sa.update(Consolidation).where(Consolidation.case_id == case).values(mid_review_on=D(2026, 7, 1)))
    to(site, D(2027, 2, 1))
    weakunits.take(site, case, "close_period", "thuongvu", D(2027, 1, 10))
    weakunits.take(site, case, "extend_plan", "thuongvu", D(2027, 2, 1))
    enter(visitor, "ban")
    assert visitor.get(f"/ho-so/{case}/ke-hoach/3/so-sanh").status_code == 404
    row(visitor, case, "measures", content="Việc mới", i_owner=str(person(site, "coso")), i_due_on="01/09/2027")
    visitor.get(f"/ho-so/{case}/ke-hoach/2/so-sanh")
    assert visitor.page is not None
    told = visitor.page.one("main").text
    assert "giữ nguyên" in told and "thêm mới" in told and "01/02/2027" in told
    assert dt.date(2027, 2, 1).strftime("%d/%m/%Y") in told
