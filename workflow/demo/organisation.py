"""The organisation of both ages: the district to its last day, and the commune that came after it.

Names of communes stand in the article the figures come from; every other name, and how the district was divided, is
invented. The figures of the article are kept as statements with their source and are never counted together with
invented people.
"""
from __future__ import annotations

import datetime as dt

from workflow import offices, targets, units
from workflow.demo.world import BEGIN, COMMUNE_BEGINS, DISTRICT_ENDS, SAMPLE, Cell, World

PROVINCE, DISTRICT, COMMUNE, OTHER = "TQ", "LB", "LK", "BH"
ARTICLE = "Bài “Nâng cao năng lực lãnh đạo, sức chiến đấu của tổ chức cơ sở đảng” (Nguyễn Thành Trung)"
TERM = (dt.date(2020, 7, 1), DISTRICT_ENDS)
#: Base committees: code, name, number of cells, and what a cell of it is called.
VILLAGES = [("LC", "Đảng bộ xã Lăng Can", 14), ("TL", "Đảng bộ xã Thượng Lâm", 13), ("KH", "Đảng bộ xã Khuôn Hà", 12)]
ELSEWHERE = [("TB", "Đảng bộ xã Thổ Bình", 5), ("HQ", "Đảng bộ xã Hồng Quang", 5), ("BA", "Đảng bộ xã Bình An", 5),
             ("NS", "Đảng bộ xã Nà Sơn", 4), ("KL", "Đảng bộ xã Khau Lìm", 4), ("PM", "Đảng bộ xã Phiêng Mạ", 4), ("TT2", "Đảng bộ xã Thẳm Tông", 4)]
AGENCIES = [
    ("CQ", "Đảng bộ Cơ quan Huyện ủy Lâm Bình", "Đảng bộ các cơ quan Đảng xã Lâm Khê",
     ("Văn phòng", "Xây dựng Đảng", "Kiểm tra", "Mặt trận và đoàn thể")),
    ("UB", "Đảng bộ Cơ quan chính quyền huyện Lâm Bình", "Đảng bộ Ủy ban nhân dân xã Lâm Khê",
     ("Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", "Kinh tế", "Văn hóa - Xã hội", "Hành chính công", "Nông nghiệp", "Khuyến nông")),
    ("YT", "Đảng bộ Trung tâm Y tế huyện Lâm Bình", "Đảng bộ Trung tâm Y tế khu vực Lâm Khê",
     ("Khoa Khám bệnh", "Khoa Nội", "Khoa Ngoại - Sản", "Khoa Dược", "Trạm Y tế số 1", "Trạm Y tế số 2")),
    ("GD", "Đảng bộ Giáo dục huyện Lâm Bình", "Đảng bộ bộ phận Trường học xã Lâm Khê",
     ("Trường Mầm non số 1", "Trường Tiểu học số 1", "Trường Tiểu học số 2", "Trường Trung học cơ sở số 1", "Trường Trung học cơ sở số 2")),
]
BASE_CELLS = ("Trường Trung học phổ thông số 1", "Trường Trung học phổ thông số 2", "Hạt Kiểm lâm", "Kho bạc", "Bảo hiểm xã hội", "Thuế",
              "Thi hành án", "Tòa án", "Viện Kiểm sát", "Bưu điện", "Ngân hàng Chính sách xã hội", "Điện lực", "Công ty Lâm nghiệp")
#: The cell that has too few official members to vote.
SMALL_CELL = "KH-12"
#: The cell in which visitors take somebody all the way.
TRY_CELL = "UB-01"
BASES = [code for code, *_ in (*VILLAGES, *ELSEWHERE, *AGENCIES)]


def district(world: World) -> None:
    """Everything as it was at the beginning of the records."""
    for code, name, kind, parent in ((PROVINCE, "Đảng bộ tỉnh Tuyên Quang", "province", None),
                                     (DISTRICT, "Đảng bộ huyện Lâm Bình", "district", PROVINCE)):
        _found(world, code, name, kind, parent)
    for code, name, cells in (*VILLAGES, *ELSEWHERE):
        _found(world, code, name, "base_committee", DISTRICT)
        for number in range(1, cells + 1):
            _cell(world, code, number, f"Chi bộ thôn {world.names.village()}", known=(code, name, cells) in VILLAGES)
    for code, name, _, cells_of in AGENCIES:
        _found(world, code, name, "base_committee", DISTRICT)
        for number, cell in enumerate(cells_of, start=1):
            _cell(world, code, number, f"Chi bộ {cell}", known=True)
    for number, name in enumerate(BASE_CELLS, start=1):
        _found(world, f"CS-{number:02d}", f"Chi bộ {name} Lâm Bình", "base_cell", DISTRICT)
    for code, name, kind, parent in (("TTCT", "Trung tâm Chính trị huyện Lâm Bình", "training_centre", DISTRICT),
                                     ("D-LC", "Đoàn xã Lăng Can", "union", "LC"), ("D-TL", "Đoàn xã Thượng Lâm", "union", "TL"),
                                     ("D-KH", "Đoàn xã Khuôn Hà", "union", "KH"), ("D-CQ", "Đoàn Khối cơ quan huyện Lâm Bình", "union", DISTRICT),
                                     ("CD", "Công đoàn các cơ quan huyện Lâm Bình", "union", DISTRICT)):
        _found(world, code, name, kind, parent)
    _officers(world)
    _figures(world)


def _found(world: World, code: str, name: str, kind: str, parent: str | None) -> None:
    units.found(world.session, None, world.clock.day, code=code, name=name, kind=kind, parent=parent, paper=SAMPLE)


def _cell(world: World, base: str, number: int, name: str, *, known: bool) -> None:
    """A cell; where the demo has cases, also its secretary, three members, and how many official members it has."""
    code = f"{base}-{number:02d}"
    _found(world, code, name, "cell", base)
    if not known:
        return
    cell = world.cells[code] = Cell(code, base, 2 if code == SMALL_CELL else world.rng.randint(9, 27))
    units.state_strength(world.session, None, world.clock.day, unit=code, official=cell.official, source=SAMPLE)
    key = code.lower()
    cell.secretary = world.member(f"{key}.bi-thu", code, youngest=32)
    cell.members = [world.member(f"{key}.dv{n}", code) for n in (1, 2, 3)]
    world.grant(cell.secretary, "cell_secretary", code, BEGIN)
    world.grant(cell.members[0], "cell_committee", code, BEGIN)


def _officers(world: World) -> None:
    ends = {code: DISTRICT_ENDS for code, *_ in VILLAGES} | {"GD": DISTRICT_ENDS}
    for code in ("LC", "TL", "KH", "CQ", "UB", "YT", "GD"):
        world.officer(f"{code.lower()}.can-bo", "base_officer", code, BEGIN, ends.get(code))
        world.officer(f"{code.lower()}.ky", "base_signer", code, BEGIN, ends.get(code))
    world.officer("tq.to-chuc", "board_officer", PROVINCE, BEGIN)
    world.officer("lb.to-chuc", "board_officer", DISTRICT, BEGIN, DISTRICT_ENDS)
    world.officer("lb.thuong-vu", "standing_board_signer", DISTRICT, BEGIN, DISTRICT_ENDS)
    world.officer("trung-tam", "training_centre", "TTCT", BEGIN)
    world.officer("cong-doan", "union_officer", "CD", BEGIN)
    for code in ("D-LC", "D-TL", "D-KH", "D-CQ"):
        world.officer(f"{code.lower()}.bi-thu", "union_officer", code, BEGIN, DISTRICT_ENDS)


def _figures(world: World) -> None:
    """What the article states: members, target of the term, and how many were admitted."""
    first, last = TERM
    day = world.clock.day
    targets.set_target(world.session, None, day, unit=DISTRICT, period_from=first, period_to=last, value=200, paper=ARTICLE)
    targets.set_statement(world.session, None, day, unit=DISTRICT, period_from=first, period_to=last, value=195, source=ARTICLE)
    targets.set_statement(world.session, None, day, unit=DISTRICT, period_from=first, period_to=last, value=3600, comparator=">",
                          indicator="members", source=ARTICLE)


def turn(world: World) -> None:
    """The first day without the district: two communes take over, and what was the district ends with the day before."""
    session, day = world.session, COMMUNE_BEGINS
    officer = world.actors[world.holder("board_officer", PROVINCE, day)]
    paper = f"Quyết định sắp xếp tổ chức ({SAMPLE})"
    for code, name in ((COMMUNE, "Đảng bộ xã Lâm Khê"), (OTHER, "Đảng bộ xã Bình Hồng")):
        units.found(session, officer, day, code=code, name=name, kind="commune_above_base", parent=PROVINCE, paper=paper)
    units.merge(session, officer, day, units=["D-LC", "D-TL", "D-KH", "D-CQ"], paper=paper,
                into={"code": "D-LK", "name": "Đoàn Thanh niên xã Lâm Khê", "kind": "union", "parent": COMMUNE})
    for code, name in (("CD", "Công đoàn xã Lâm Khê"), ("TTCT", "Trung tâm Chính trị xã Lâm Khê")):
        units.change(session, officer, day, unit=code, name=name, parent=COMMUNE, paper=paper)
    for code, _, name, _ in AGENCIES:
        if code == "GD":
            units.change(session, officer, day, unit=code, name=name, kind="subcommittee", parent="UB", paper=paper)
        else:
            units.change(session, officer, day, unit=code, name=name, parent=COMMUNE, delegated=code == "YT", paper=paper)
    for group, into in ((VILLAGES, COMMUNE), (ELSEWHERE, OTHER)):
        units.merge(session, officer, day, units=[code for code, *_ in group], into=into, paper=paper)
        for code, _, cells in group:
            for number in range(1, cells + 1):
                units.change(session, officer, day, unit=f"{code}-{number:02d}", kind="base_cell", paper=paper)
    for number in range(1, len(BASE_CELLS) + 1):
        units.move(session, officer, day, unit=f"CS-{number:02d}", parent=OTHER, paper=paper)
    units.end(session, officer, DISTRICT_ENDS, unit=DISTRICT, successor=OTHER, paper=paper)
    _commune_officers(world)
    _commune_targets(world)


def _commune_officers(world: World) -> None:
    since = COMMUNE_BEGINS
    for office in world.holders.get(("base_officer", "GD"), []) + world.holders.get(("base_signer", "GD"), []):
        _end_office(world, office[2])
    world.officer("xay-dung-dang", "board_officer", COMMUNE, since)
    world.officer("truong-ban", "board_head", COMMUNE, since)
    world.officer("thuong-vu", "standing_board_signer", COMMUNE, since)
    world.officer("kiem-tra", "inspector", COMMUNE, since)
    world.officer("doan-xa", "union_officer", "D-LK", since)
    world.officer("bo-phan", "subcommittee_officer", "GD", since)


def _end_office(world: World, person: int) -> None:
    for held in offices.offices_of(world.session, person, COMMUNE_BEGINS):
        offices.end_office(world.session, None, DISTRICT_ENDS, office=held.office_id)


def _commune_targets(world: World) -> None:
    day = COMMUNE_BEGINS
    for first, last, value in ((day, dt.date(2030, 6, 30), 130), (dt.date(2026, 1, 1), dt.date(2026, 12, 31), 28)):
        targets.set_target(world.session, None, day, unit=COMMUNE, period_from=first, period_to=last, value=value, paper=SAMPLE)
    for cell in world.cells.values():
        targets.set_target(world.session, None, day, unit=cell.code, period_from=dt.date(2026, 1, 1), period_to=dt.date(2026, 12, 31),
                           value=0 if cell.code == SMALL_CELL else 1, paper=SAMPLE)
