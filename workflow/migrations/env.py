"""Run by Alembic: migrates over the connection that workflow.migrate hands in."""
from __future__ import annotations

from typing import Any, Literal

from alembic import context

from workflow import models
from workflow.db import Instant


def render_item(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Migrations name plain types, so that they stay as they are when ours change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
