"""What the queues of work are called."""
from __future__ import annotations

from flask_babel import lazy_gettext

QUEUES = {
    "mine": lazy_gettext("Waiting for my step"), "returned": lazy_gettext("Returned to be completed"),
    "overdue": lazy_gettext("Overdue"), "week": lazy_gettext("Due within 7 days"),
    "month": lazy_gettext("Due within 30 days"), "probation": lazy_gettext("Probation nearly over"),
    "arriving": lazy_gettext("In transfer to me"), "reports": lazy_gettext("My report of this month"),
    "review": lazy_gettext("Monthly review of the source list"), "work_reports": lazy_gettext("My reports on consolidation"),
    "late_reports": lazy_gettext("Reports on consolidation that are late"), "own_measures": lazy_gettext("Measures I answer for, due or late"),
    "plan_ends": lazy_gettext("Plans that end within 30 days"),
}
