"""A thousand races on each database: of two who decide one case in the same moment, exactly one does."""
from __future__ import annotations

from collections import Counter

import pytest

from bench import village
from tests.workflow import racing

pytestmark = pytest.mark.soak
RACES = 1000


@pytest.mark.parametrize("version", [1, None], ids=["both-saw-the-version", "nobody-names-a-version"])
def test_a_thousand_times_two_decide_and_one_has_decided(database_url: str, version: int | None) -> None:
    database = village.opened(database_url, village.DECISION.on)
    village.build(database)
    with database.write() as session:
        cases = village.at_decision(session, RACES // 2)
    runs = racing.race(database_url, village.DECISION.on, [racing.Course(who, cases, version) for who in ("signer", "other_signer")])
    racing.prove_once(runs, cases)
    racing.prove_decided(database, cases)
    database.dispose()
    # Both must have won now and then: otherwise one always started late and nothing was raced.
    won = Counter(run.who for run in runs if run.outcome == racing.WON)
    print(dict(won), Counter(run.words.partition(":")[0] for run in runs if run.outcome == racing.BEATEN))
    assert min(won["signer"], won["other_signer"]) > RACES // 100, won
