"""Every scenario file, on both databases: it holds, no act is refused for a rule besides those it lists, the tables are
what the journal makes them, and the audit finds nothing."""
from __future__ import annotations

from pathlib import Path

import pytest

from workflow import export, fold, scenarios, verify
from workflow.db import Database
from workflow.scenario_file import ActLine, read

FOLDER = Path(__file__).parent
#: A folder below a process holds law of its own for a scenario, not scenarios.
FILES = sorted(FOLDER.glob("*/*.yaml"))


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


PROCESSES = sorted(scenarios.shipped().cases)


def _acts(process: str) -> list[ActLine]:
    """The acts of all scenarios on cases of a process."""
    found = []
    for path in FILES:
        scenario = read(path)
        cases = {case.key for case in scenario.cases if case.process == process}
        found += [act for act in scenario.acts if act.case in cases]
    return found


@pytest.mark.parametrize("process", PROCESSES)
def test_the_process_is_walked(process: str) -> None:
    """Every step of the law is taken in some scenario, and every state reached by one."""
    law = scenarios.shipped().processes[process]
    taken = [act for act in _acts(process) if not act.forbidden and not act.refused]
    assert set(law.step_versions) - {act.do for act in taken} == set()
    assert set(law.all_states) - {act.expect for act in taken} == set()


@pytest.mark.parametrize("process", PROCESSES)
def test_every_rule_that_can_block_is_met_by_a_refusal(process: str) -> None:
    """For every blocking rule that a step of the law asks, some scenario is refused for it."""
    law = scenarios.shipped().processes[process]
    asked = {id_ for versions in law.step_versions.values() for step in versions for id_ in step.requires}
    can_block = {id_ for id_ in asked if any(rule.severity == "block" for rule in law.rule_versions[id_])}
    can_block -= {"PATH.SUB"}  # without a subcommittee nobody holds its office: forbidden comes before the rule
    refused = {id_ for act in _acts(process) for id_ in act.refused}
    assert can_block - refused == set()
