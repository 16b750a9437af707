"""How the answers of monthly reports and reviews are called."""
from __future__ import annotations

from flask_babel import lazy_gettext

TASKS = {"done": lazy_gettext("task done"), "partly": lazy_gettext("task partly done"),
         "none": lazy_gettext("no task, or not done")}
PROPOSALS = {"keep": lazy_gettext("go on helping"), "class": lazy_gettext("send to the awareness class"),
             "drop": lazy_gettext("take off the list")}
