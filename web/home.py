"""The start page of whoever signs in."""
from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("home", __name__)


@pages.get("/")
def index() -> str:
    """What the account is, and where its work lies."""
    return render_template("home.html")
