"""Every scenario file, on both databases: it holds, no act is refused for a rule besides those it lists, the tables are
what the journal makes them, and the audit finds nothing."""
from __future__ import annotations

from pathlib import Path

import pytest

from workflow import export, fold, scenarios, verify
from workflow.db import Database
from workflow.scenario_file import read

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_holds_and_its_journal_proves_itself(path: Path, scratch: Database) -> None:
    result = scenarios.run_file(path, strict=True, database=scratch)
    assert result.failures == ()
    with scratch.read() as session:
        assert fold.compare(session) == []
    audit = verify.Audit()
    assert [str(finding) for finding in audit.findings(export.lines(scratch))] == []
    assert audit.counts["entries"] > 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_says_where_it_comes_from(path: Path) -> None:
    scenario = read(path)
    assert scenario.source
    assert scenario.acts
    assert scenario.then
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_process_is_walked() -> None:
    """Every step of the admission law is taken in some scenario, and every state reached by one."""
    law = scenarios.shipped().processes["admission"]
    taken, reached = set(), set()
    for path in FILES:
        scenario = read(path)
        for act in scenario.acts:
            if not act.forbidden and not act.refused:
                taken.add(act.do)
                reached.add(act.expect)
    assert set(law.step_versions) - taken == set()
    assert set(law.all_states) - reached == set()


def test_every_rule_that_can_block_is_met_by_a_refusal() -> None:
    """For every blocking rule that a step of admission asks, some scenario is refused for it."""
    law = scenarios.shipped().processes["admission"]
    asked = {id_ for versions in law.step_versions.values() for step in versions for id_ in step.requires}
    can_block = {id_ for id_ in asked if any(rule.severity == "block" for rule in law.rule_versions[id_])}
    can_block -= {"PATH.SUB"}  # without a subcommittee nobody holds its office: forbidden comes before the rule
    refused = {id_ for path in FILES for act in read(path).acts for id_ in act.refused}
    assert can_block - refused == set()
