"""Long random runs on both databases: one wanderer watched by a model, and several at once from processes of their own."""
from __future__ import annotations

import datetime as dt
import multiprocessing
import queue
from collections import Counter
from typing import Any

import pytest

from bench import village
from tests.soak import wandering

pytestmark = pytest.mark.soak
_spawn = multiprocessing.get_context("spawn")
ACTS, WANDERERS = 3000, 4


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_anybody_tries_the_model_agrees(database_url: str, seed: int) -> None:
    database = village.opened(database_url)
    wanderer = wandering.Wanderer(database, wandering.build(database, 40), seed, alone=True)
    wanderer.go(ACTS)
    wandering.prove(database)
    database.dispose()
    states = [name for name in wanderer.met if name in wanderer.law.all_states]
    print(dict(wanderer.met))
    assert wanderer.met["taken"] > ACTS / 10, wanderer.met
    assert wanderer.met["refused"] > ACTS / 20, wanderer.met
    assert len(states) > 15, wanderer.met


def test_many_at_once_leave_a_history_that_proves_itself(database_url: str) -> None:
    database = village.opened(database_url)
    cases = wandering.build(database, 8)
    told = _spawn.Queue()
    wanderers = [_spawn.Process(target=_wander, args=(database_url, cases, seed, told)) for seed in range(WANDERERS)]
    for wanderer in wanderers:
        wanderer.start()
    met: list[Any] = []
    while len(met) < len(wanderers):
        try:
            met.append(told.get(timeout=5))
        except queue.Empty:
            assert all(wanderer.exitcode in (None, 0) for wanderer in wanderers), "a process ended without a word"
    for wanderer in wanderers:
        wanderer.join(60)
    assert all(isinstance(one, Counter) for one in met), met
    print(sum(met, Counter()))
    assert sum(met, Counter())["taken"] > 50
    wandering.prove(database)
    database.dispose()


def _wander(url: str, cases: list[int], seed: int, told: Any) -> None:
    try:
        database = village.opened(url, wandering.FIRST_DAY + dt.timedelta(days=200))
        wanderer = wandering.Wanderer(database, cases, seed, alone=False)
        wanderer.go(ACTS // WANDERERS)
        told.put(wanderer.met)
    except BaseException as error:  # told to the test, which would otherwise wait for nothing
        told.put(f"{type(error).__name__}: {error}")
