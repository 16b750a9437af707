"""One installation: its home folder, its database, the law it works under and the day it is there."""
from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from rules import book
from rules.book import Rulebook
from workflow import models
from workflow.context import Clock, FixedClock, SystemClock
from workflow.db import Database
from workflow.errors import BadInput
from workflow.tree import LineCache

DEMO_TODAY = "demo.today"
_setting: sa.Table = models.Setting.__table__  # type: ignore[assignment]


@dataclass
class Site:
    """What every entrance (site, command line) opens first. ``clock`` of a demo home stands on the demo's own day."""

    home: Path
    database: Database
    book: Rulebook
    clock: Clock
    is_demo: bool = False

    def refresh(self) -> None:
        """See a demo's day that another process has set; a real home has nothing to refresh."""
        day = demo_day(self.database)
        if day is None:
            return
        if isinstance(self.clock, FixedClock):
            self.clock.day = day
        else:
            self.clock = FixedClock(day)
            self.database.info["clock"] = self.clock
        self.is_demo = True

    def set_demo_today(self, day: dt.date) -> None:
        """Make this a demo home, or move its day forward. Raises BadInput when the day would go back."""
        with self.database.write() as session:
            connection = session.connection()
            text = connection.scalar(sa.select(_setting.c.value).where(_setting.c.key == DEMO_TODAY))
            if text is None:
                connection.execute(sa.insert(_setting), {"key": DEMO_TODAY, "value": day.isoformat()})
            elif dt.date.fromisoformat(text) > day:
                raise BadInput(f"Ngày của bản dùng thử chỉ có thể tiến lên; hiện là {dt.date.fromisoformat(text):%d/%m/%Y}.", "today")
            else:
                connection.execute(sa.update(_setting).where(_setting.c.key == DEMO_TODAY).values(value=day.isoformat()))
        self.refresh()

    def secret_key(self) -> str:
        """The key that signs cookies: ``NENNEP_SECRET_KEY``, or one made for this home and readable by its owner alone."""
        return os.environ.get("NENNEP_SECRET_KEY") or _kept_secret(self.home / "secret_key")

    def close(self) -> None:
        self.database.dispose()


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for data: ``NENNEP_HOME``, else ``var`` where the command runs."""
    return Path(environ.get("NENNEP_HOME") or "var").absolute()


def database_url(home: Path, environ: Mapping[str, str] = os.environ) -> str:
    """``NENNEP_DATABASE_URL``, else a SQLite file in the home."""
    given = environ.get("NENNEP_DATABASE_URL")
    return given or sa.URL.create("sqlite", database=str(home / "nennep.sqlite3")).render_as_string()


def law_paths(environ: Mapping[str, str] = os.environ) -> list[Path] | None:
    """Folders of ``NENNEP_LAW_PATH`` (separated as in PATH); None for the shipped law alone."""
    given = [Path(part) for part in environ.get("NENNEP_LAW_PATH", "").split(os.pathsep) if part]
    return given or None


def open_home(home: Path | None = None) -> Site:
    """Open the installation that the environment names. The folder is made when it is not there, private to its owner.

    The database is neither made nor migrated here. Raises rules.loader.LawError when the law cannot be used.
    """
    folder, database = open_store(home)
    rulebook = book.load(law_paths())
    clock: Clock = SystemClock()
    database.info |= {"book": rulebook, "clock": clock, "lines": LineCache()}
    site = Site(folder, database, rulebook, clock)
    site.refresh()
    return site


def open_store(home: Path | None = None) -> tuple[Path, Database]:
    """Folder and database alone: what migrating, auditing and delivering need, even while the law cannot be read."""
    folder = home or home_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder, Database(database_url(folder))


def demo_day(database: Database) -> dt.date | None:
    """The demo's own day; None in a real home."""
    with database.read() as session:
        connection = session.connection()
        if not sa.inspect(connection).has_table(_setting.name):
            return None
        text = connection.scalar(sa.select(_setting.c.value).where(_setting.c.key == DEMO_TODAY))
    return dt.date.fromisoformat(text) if text else None


def _kept_secret(path: Path) -> str:
    """The secret in a file, made on first use; of two processes that make it at once, both get the same."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(part, path)  # appears whole or not at all
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text(encoding="ascii").strip()
