"""Facts that every process has, because the engine and not a person supplies them.

The law may declare any of them itself, with a label; it need not.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.nodes import Names, Type
from rules.schema import CodeType, Duty, Fact, FactType, Parameter, States
from rules.schema_organisation import UnitKind
from rules.shape import Text

#: The numbers of a ballot as facts, and the field of a count that each one is.
BALLOT_FACTS = {
    "ballot.entitled": "entitled", "ballot.away": "away", "ballot.exempt_absent": "exempt_absent",
    "ballot.present": "present", "ballot.votes_for": "votes_for", "ballot.against": "against", "ballot.blank": "blank",
}
#: What the base of a ballot may count.
BASE_NAMES = ("entitled", "away", "exempt_absent", "present")

_BALLOT_LABELS = {
    "ballot.entitled": ("Số người có quyền biểu quyết", "Entitled to vote"),
    "ballot.away": ("Số người chuyển sinh hoạt tạm thời đi nơi khác", "Temporarily transferred out"),
    "ballot.exempt_absent": ("Số người được miễn sinh hoạt, vắng mặt", "Exempt from meetings and absent"),
    "ballot.present": ("Số người có mặt", "Present"),
    "ballot.votes_for": ("Số phiếu tán thành", "Votes for"),
    "ballot.against": ("Số phiếu không tán thành", "Votes against"),
    "ballot.blank": ("Số phiếu trắng, không hợp lệ", "Blank or spoiled"),
}


def facts_of(states: States | None, steps: Mapping[str, Any], duties: Mapping[str, list[Duty]],
             unit_kinds: Mapping[str, UnitKind]) -> dict[str, Fact]:
    """The built-in facts of a process."""
    facts = {"act.on": _fact("date", "Ngày của việc", "Day of the act", "act")}
    if states is None:
        return facts
    kinds: FactType = CodeType(code={k: v.label for k, v in unit_kinds.items()}) if unit_kinds else "text"
    codes = {s: v.label for table in (states.open, states.waiting, states.closed) for s, v in table.items()}
    facts["case.state"] = _fact(CodeType(code=codes), "Trạng thái của hồ sơ", "State of the case")
    facts["case.unit"] = _fact("unit", "Tổ chức của hồ sơ", "Unit of the case")
    facts["case.decider"] = _fact("unit", "Cơ quan đang giữ thẩm quyền", "Organ that holds the case")
    facts["path.organ"] = _fact("unit", "Cơ quan có thẩm quyền theo luật", "Organ competent by law")
    facts["path.body"] = _fact("text", "Tập thể quyết định", "Body that decides")
    facts["path.ballot"] = _fact("text", "Cách biểu quyết của cơ quan quyết định", "Ballot of the deciding body")
    facts["path.base_vote"] = _fact("bool", "Đảng ủy cơ sở biểu quyết trước", "The base committee votes first")
    facts["path.sub"] = _fact("bool", "Có đảng ủy bộ phận", "There is a subcommittee")
    facts["path.delegated"] = _fact("bool", "Được ủy quyền quyết định", "Competence is delegated")
    facts["path.unit"] = _fact(kinds, "Loại tổ chức của hồ sơ", "Kind of the case's unit")
    facts["path.parent"] = _fact(kinds, "Loại tổ chức cấp trên", "Kind of its parent")
    facts["path.above"] = _fact(kinds, "Loại cấp ủy trên trực tiếp cơ sở", "Kind of the committee above the base")
    facts["ballot.round"] = _fact("int", "Lần biểu quyết thứ", "Round of the vote", "act")
    for name, (vi, en) in _BALLOT_LABELS.items():
        facts[name] = _fact("int", vi, en, "act")
    for step, versions in steps.items():
        label = versions[0].label or Text(vi=step)
        facts[f"did.{step}"] = _fact("date", f"Ngày: {label.vi}", f"Day of: {label.en or step}")
    for name, duty in duties.items():
        kind = duty[0].kind or name
        says = (duty[0].says or Text(vi=kind)).vi
        facts[f"duty.{kind}.due_on"] = _fact("date", f"Hạn: {says}")
        facts[f"duty.{kind}.extended"] = _fact("int", f"Số ngày đã gia hạn: {says}")
        facts[f"duty.{kind}.late"] = _fact("int", f"Số lần quá hạn: {says}")
    return facts


def _fact(type_: FactType, vi: str, en: str | None = None, source: Any = "derived") -> Fact:
    return Fact(type=type_, label=Text(vi=vi, en=en), source=source)


def names_of(facts: Mapping[str, Fact], parameters: Mapping[str, Type]) -> Names:
    """What expressions of a process may read."""
    return Names(
        facts={n: type_of(f.type) for n, f in facts.items() if f.type is not None},
        collections={n: {k: type_of(i.type) for k, i in f.items.items()} for n, f in facts.items()
                     if f.items is not None},
        parameters=parameters,
    )


def type_of(type_: FactType) -> Type:
    return Type("code", tuple(type_.code)) if isinstance(type_, CodeType) else Type(type_)


def parameter_type(parameter: Parameter) -> Type:
    """Percent is a whole number to compute with; the other units are types of their own."""
    if parameter.unit == "percent":
        return Type("int")
    return Type(parameter.unit, tuple(parameter.codes or ()))
