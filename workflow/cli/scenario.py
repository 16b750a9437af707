"""``nennep scenario``: stories of cases, played through the engine on a scratch database."""
from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from rules import book as rulebooks
from rules.loader import LawError
from workflow import scenarios
from workflow.cli.common import json_option, law_option, open_law, paths_of, print_json
from workflow.scenario_file import read


@click.group()
def scenario() -> None:
    """Tình huống viết sẵn (scenarios an officer can read)."""


@scenario.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Việc bị từ chối không được vướng thêm quy tắc nào ngoài danh sách "
                                             "(a refused act must be refused by no rule besides those listed).")
@law_option
@json_option
def run(files: tuple[Path, ...], strict: bool, law: tuple[Path, ...], as_json: bool) -> None:
    """Chạy các tệp tình huống, mỗi tệp trên một cơ sở dữ liệu tạm (play scenario files, each on a database of its own).

    FILE is a scenario file or a folder of them. Exit 0: all passed, 1: some failed or could not be read.
    """
    open_law(law, as_json)
    results = [(path, _run(path, strict, paths_of(law) or [])) for path in _files(files)]
    failed = sum(not result.passed for _, result in results)
    if as_json:
        print_json({"passed": len(results) - failed, "failed": failed, "scenarios": [
            {"file": str(path), "name": result.name, "passed": result.passed, "failures": list(result.failures)}
            for path, result in results]})
    else:
        for path, result in results:
            click.echo(f"{'đạt ' if result.passed else 'HỎNG'} {path}: {result.name}")
            for failure in result.failures:
                click.echo(f"     {failure}")
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    raise SystemExit(1 if failed else 0)


def _files(given: Iterable[Path]) -> list[Path]:
    """The files given, and those inside the folders given."""
    return [file for path in given for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]


def _run(path: Path, strict: bool, law: list[Path]) -> scenarios.Result:
    """One file. What cannot be read, the file or the law it names, fails with its problems shown."""
    try:
        scenario_ = read(path)
        layers = [*law, *(path.parent / folder for folder in scenario_.law)]
        return scenarios.run(scenario_, rulebooks.load(layers) if layers else scenarios.shipped(), strict=strict)
    except LawError as error:
        return scenarios.Result("không đọc được (cannot be read)", tuple(str(problem) for problem in error.problems))
