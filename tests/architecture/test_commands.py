"""Every command explains itself."""
from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from web.cli import serve
from workflow.cli import cli


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for part, inner in command.commands.items():
            yield from commands(inner, (*path, part))


ALL = [*commands(cli), (("serve",), serve)]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "nennep" for path, _ in ALL])
def test_every_command_and_every_option_has_help(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help, f"nennep {' '.join(path)} has no help"
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help and not p.hidden]
    assert not silent, f"nennep {' '.join(path)}: no help for {silent}"


def test_every_command_is_in_the_manual() -> None:
    from tests.architecture.sources import ROOT

    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [" ".join(path) for path, command in ALL if path and not isinstance(command, click.Group)
               and f"nennep {' '.join(path)}" not in manual]
    assert not missing, f"docs/operations.md does not name: {missing}"
