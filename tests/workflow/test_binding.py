"""Facts and columns: every stored fact has a home, every column is the home of one, and the check finds what is not."""
from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.workflow.organisation import law
from workflow.binding import Binding, Child, check
from workflow.bindings import BINDINGS


@pytest.mark.parametrize("name", sorted(BINDINGS))
def test_every_fact_is_bound(name: str) -> None:
    assert check(BINDINGS[name], law().processes[name]) == []


def test_every_process_with_cases_has_tables() -> None:
    assert set(BINDINGS) == set(law().cases)
    assert all(binding.process == name for name, binding in BINDINGS.items())


def _without(binding: Binding, column: str) -> sa.Table:
    return sa.Table("smaller", sa.MetaData(), *(sa.Column(c.name, c.type) for c in binding.detail.c if c.name != column))


def test_what_does_not_fit_is_named() -> None:
    binding, process = BINDINGS["admission"], law().processes["admission"]
    assert any("certificate.issued_on has no column" in p
               for p in check(replace(binding, detail=_without(binding, "certificate_issued_on")), process))
    more = sa.Table("larger", sa.MetaData(), *(sa.Column(c.name, c.type) for c in binding.detail.c), sa.Column("unheard_of", sa.Text))
    assert any("larger.unheard_of is the home of no fact" in p for p in check(replace(binding, detail=more), process))
    assert any("relatives has no table" in p for p in check(
        replace(binding, children={k: v for k, v in binding.children.items() if k != "relatives"}), process))
    poor = Child(sa.Table("poor", sa.MetaData(), sa.Column("case_id", sa.Integer)), "relatives_declared")
    assert any("relatives.kind has no column in poor" in p
               for p in check(replace(binding, children={**binding.children, "relatives": poor}), process))
    assert any("helper.person has no column" in p for p in check(
        replace(binding, elsewhere={k: v for k, v in binding.elsewhere.items() if k != "helper.person"}), process))


def test_columns_have_the_types_of_their_facts() -> None:
    """A date stays a date, a number a number: what a rule compares is what a column holds."""
    python = {"date": "date", "bool": "bool", "int": "int", "text": "str", "person": "int", "unit": "int"}
    for name, binding in BINDINGS.items():
        process = law().processes[name]
        for fact, column in binding.homes(process).items():
            declared = process.facts[fact].type
            wanted = python[declared] if isinstance(declared, str) else "str"
            assert binding.detail.c[column].type.python_type.__name__ == wanted, fact
        for collection, child in binding.children.items():
            for item, shape in (process.facts[collection].items or {}).items():
                wanted = python[shape.type] if isinstance(shape.type, str) else "str"
                assert child.table.c[child.column(item)].type.python_type.__name__ == wanted, f"{collection}.{item}"


def test_days_of_steps_that_rules_read_are_kept() -> None:
    for name, binding in BINDINGS.items():
        process = law().processes[name]
        read = {fact for rule in process.all_rules() for fact in rule.reads.facts if fact.startswith("did.")}
        assert all(binding.day_column(fact[4:]) for fact in read)
