"""Bringing a database to the present models, and proving that it is there. The only module that drives Alembic."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from workflow import models, triggers
from workflow.db import Base, Database

FOLDER = Path(__file__).with_name("migrations")
#: Any number will do; all processes of one database must use the same.
_LOCK = 0x6E656E6E6570


class MigrationError(RuntimeError):
    """A migration would leave the database in a state it must not be in."""


def upgrade(database: Database, *, versions: Sequence[Path] = ()) -> None:
    """Migrate to the newest version, then set the triggers again; all in one transaction.

    ``versions`` are further folders of migrations. Two processes may call this at once; one waits for the other.
    Raises MigrationError when rows are left that point nowhere.
    """
    with _migrating(database) as connection:
        command.upgrade(_config(connection, versions), "head" if not versions else "heads")
        triggers.install(connection)


def is_current(database: Database) -> bool:
    """Whether the database is at this version; a look at one row."""
    with database.engine.connect() as connection:
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head


def check(database: Database) -> list[str]:
    """Everything in which the database differs from what this version of the programme expects."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        current = context.get_current_revision()
        if current != head:
            return [f"migration: the database is at {current or 'nothing'}, this programme needs {head}; run `nennep db upgrade`"]
        found = [f"schema: {_describe(difference)}" for difference in compare_metadata(context, Base.metadata)]
        found += _checks(connection)
        found += [f"trigger {name} is missing, switched off or changed; run `nennep db upgrade`"
                  for name in triggers.missing(connection)]
        if database.is_sqlite:
            found += [f"row {row[1]} of {row[0]} points to no row of {row[2]}"
                      for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    return found


def revision(database: Database, message: str, revision_id: str) -> Path:
    """Write the next migration from the difference between the models and an upgraded database (for developers)."""
    with _migrating(database) as connection:
        script = command.revision(_config(connection), message, autogenerate=True, rev_id=revision_id)
    return Path(getattr(script, "path"))  # noqa: B009


def _config(connection: sa.Connection, versions: Sequence[Path] = ()) -> Config:
    config = Config()
    # Alembic reads per cent signs as references.
    places = [str(FOLDER / "versions"), *map(str, versions)]
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(places).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(database: Database) -> Iterator[sa.Connection]:
    """A transaction for migrations. On SQLite foreign keys rest meanwhile, for a table is changed by rebuilding it."""
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                yield connection
                if database.is_sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise MigrationError(f"rows that point nowhere after the migration: {broken[:10]}")
        finally:
            if database.is_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Tables of others in the same database are none of our business."""
    return kind != "table" or name in Base.metadata.tables


def _describe(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_describe(d) for d in difference)
    verb, *things = difference
    return f"{verb}: " + ", ".join(str(getattr(t, "name", None) or t) for t in things if t is not None)


def _checks(connection: sa.Connection) -> list[str]:
    """Alembic does not compare CHECK constraints; here their names are, and on SQLite their words too."""
    inspector = sa.inspect(connection)
    tables, found = set(inspector.get_table_names()), []
    for table in models.Base.metadata.sorted_tables:
        if table.name not in tables:
            continue  # already told
        there = {str(c["name"]): str(c["sqltext"]) for c in inspector.get_check_constraints(table.name)}
        for constraint in table.constraints:
            if not isinstance(constraint, sa.CheckConstraint):
                continue
            name = str(constraint.name)
            if name not in there:
                found.append(f"CHECK {name} of {table.name} is missing")
            elif connection.dialect.name == "sqlite" and _words(there[name]) != _words(str(constraint.sqltext)):
                found.append(f"CHECK {name} of {table.name} says something else than the models")
    return found


def _words(sql: str) -> str:
    return " ".join(sql.split())
