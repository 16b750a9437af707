"""Opening the installation from a command, with troubles told in words instead of a traceback."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ArgumentError, OperationalError

from rules.loader import LawError
from workflow import migrate
from workflow.site import Site, open_home


@contextmanager
def opened(*, current: bool = True) -> Iterator[Site]:
    """The installation that the environment names, closed at the end.

    ``current``: refuse a database that is not at this version, which every command but ``db`` needs.
    """
    try:
        site = open_home()
    except LawError as error:
        raise click.ClickException("Không đọc được quy định (the law cannot be read):\n"
                                   + "\n".join(str(p) for p in error.problems)) from error
    except (OperationalError, ArgumentError) as error:
        raise click.ClickException(f"Không mở được cơ sở dữ liệu (the database cannot be opened): {error.args[0]}") from error
    except OSError as error:
        raise click.ClickException(f"Không mở được thư mục dữ liệu (the home folder cannot be opened): {error}") from error
    try:
        if current and not migrate.is_current(site.database):
            raise click.ClickException("Cơ sở dữ liệu chưa được nâng cấp; hãy chạy `nennep db upgrade` "
                                       "(the database is not at this version; run `nennep db upgrade`).")
        yield site
    finally:
        site.close()
