"""The filters of the list of cases: all of them in its address, their choices from the law and from what is in sight."""
from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext

from rules.book import Rulebook
from rules.process import ProcessLaw
from web import caseparts
from web.forms import ChoiceField, DayField, FilterForm, LineField, number, offer
from web.i18n import says
from workflow.caselist import Filter

SORTS = {"name": lazy_gettext("name"), "due": lazy_gettext("due day"), "opened": lazy_gettext("day opened"),
         "since": lazy_gettext("longest in this state")}
FLAGS = {"overdue": lazy_gettext("a period has run out"), "soon": lazy_gettext("due within 30 days"),
         "blocked": lazy_gettext("the next step is held up"), "imported": lazy_gettext("taken over from paper"),
         "late_measure": lazy_gettext("a measure of the plan is late"), "ended": lazy_gettext("ended")}


class CaseFilter(FilterForm):
    """The filters of the list."""

    q = LineField(lazy_gettext("Name or number"), longest=100, render_kw={"type": "search", "autocomplete": "off"})
    #: Forms have a method of the name that stands in the address.
    of = ChoiceField(lazy_gettext("Process"), name="process")
    state = ChoiceField(lazy_gettext("State"))
    stage = ChoiceField(lazy_gettext("Stage"))
    #: Any unit: those offered have open cases in sight; a number on a report may lead to ended ones of another.
    unit = ChoiceField(lazy_gettext("Unit and below"), validate_choice=False)
    flag = ChoiceField(lazy_gettext("Only those where"), FLAGS.items())
    rule = ChoiceField(lazy_gettext("Held up by"))
    person = ChoiceField(lazy_gettext("Assigned to the case"))
    before = DayField(lazy_gettext("Opened before"))
    late = ChoiceField(lazy_gettext("Period that has run out"))
    reached = ChoiceField(lazy_gettext("Has come to the stage"))
    on = DayField(lazy_gettext("As it stood on"))
    sort = ChoiceField(lazy_gettext("Order by"), SORTS.items())

    def offer(self, book: Rulebook, units: list[tuple[int, str, int]], people: list[tuple[int, str]], today: dt.date) -> None:
        """Fill the drop-downs; what belongs to one of several processes is named with it."""
        laws = list(book.cases.values())
        offer(self.of, [(law.id, says(law.label)) for law in laws])

        def named(law: ProcessLaw, text: str) -> str:
            return f"{says(law.label)}: {text}" if len(laws) > 1 else text

        stages = [(s, named(law, says(label))) for law in laws for s, label in law.head.stages.items()]
        offer(self.state, [(s, named(law, says(state.label))) for law in laws for s, state in law.all_states.items()])
        offer(self.stage, stages)
        offer(self.reached, stages)
        offer(self.unit, [(key, "\u2003" * depth + name) for key, name, depth in units])
        offer(self.person, people)
        offer(self.late, [(name, named(law, caseparts.duty_label(law, name))) for law in laws for name in law.duties])
        offer(self.rule, [(r, f"{r}: {says(versions[-1].says)}") for law in laws for r, versions in law.rule_versions.items()
                          if (rule := law.rule(r, today)) is not None and rule.severity == "block"])

    def wanted(self) -> Filter:
        given = self.values()
        return Filter(text=given.get("q"), state=given.get("state"), stage=given.get("stage"), unit=number(given.get("unit")),
                      person=number(given.get("person")), flag=given.get("flag"), rule=given.get("rule"),
                      opened_before=given.get("before"), process=given.get("process"), late=given.get("late"),
                      reached=given.get("reached"), as_of=given.get("on"))
