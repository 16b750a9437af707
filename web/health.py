"""For whoever watches the server: is it there, and does its database answer? Nothing else is told."""
from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint

from web import access

pages = Blueprint("health", __name__)


@pages.get("/health")
def live() -> tuple[dict[str, str], int]:
    """200 while the database answers; its failure is answered with 503 by the error pages."""
    with access.read() as session:
        session.execute(sa.select(sa.literal(1)))
    return {"status": "ok"}, 200
