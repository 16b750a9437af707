"""Opening the installation from a command, with troubles told in words instead of a traceback."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from rules.loader import LawError
from workflow import migrate
from workflow.cli.common import wrong_use
from workflow.db import Database
from workflow.errors import WorkflowError
from workflow.site import Site, open_home, open_store


@contextmanager
def opened() -> Iterator[Site]:
    """The installation that the environment names, its database at this version; closed at the end."""
    with _in_words():
        site = open_home()
    try:
        _refuse_old(site.database)
        yield site
    finally:
        site.close()


@contextmanager
def store(*, current: bool = True) -> Iterator[tuple[Path, Database]]:
    """Folder and database without the law; ``current`` refuses a database that is not at this version."""
    with _in_words():
        folder, database = open_store()
    try:
        with _in_words():
            database.engine.connect().close()
        if current:
            _refuse_old(database)
        yield folder, database
    finally:
        database.dispose()


@contextmanager
def changing(as_json: bool) -> Iterator[tuple[Site, Session]]:
    """The installation and one writing transaction; what cannot be is told, and exits 2."""
    with opened() as site:
        try:
            with site.database.write() as session:
                yield site, session
        except WorkflowError as error:
            wrong_use(str(error), as_json)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except LawError as error:
        raise click.ClickException("Không đọc được quy định (the law cannot be read):\n"
                                   + "\n".join(str(p) for p in error.problems)) from error
    except (OperationalError, ArgumentError) as error:
        raise click.ClickException(f"Không mở được cơ sở dữ liệu (the database cannot be opened): {error.args[0]}") from error
    except OSError as error:
        raise click.ClickException(f"Không mở được thư mục dữ liệu (the home folder cannot be opened): {error}") from error


def _refuse_old(database: Database) -> None:
    if not migrate.is_current(database):
        raise click.ClickException("Cơ sở dữ liệu chưa được nâng cấp; hãy chạy `nennep db upgrade` "
                                   "(the database is not at this version; run `nennep db upgrade`).")
