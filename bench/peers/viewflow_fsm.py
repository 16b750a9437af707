"""viewflow.fsm: one row per case with state and data, guarded transitions, and a history row written beside it.

usage: viewflow_fsm.py DATABASE JOURNAL_MODE STEPS
"""
import sys
import types

import stage


def main(path, journal, steps):
    module = types.ModuleType("village")
    module.__path__ = [stage.__file__.rpartition("/")[0]]
    sys.modules["village"] = module
    stage.project(path, journal, "village")
    from django.db import connection, models, transaction
    from viewflow import fsm

    states = [(f"s{k}", f"s{k}") for k in range(steps + 1)]

    class Case(models.Model):
        state = models.CharField(max_length=20, default="s0")
        data = models.JSONField(default=dict)

        class Meta:
            app_label = "village"

    class History(models.Model):
        case = models.ForeignKey(Case, models.CASCADE)
        step = models.CharField(max_length=20)
        actor = models.CharField(max_length=40)
        before = models.CharField(max_length=20)
        after = models.CharField(max_length=20)
        at = models.DateTimeField(auto_now_add=True)
        data = models.JSONField(default=dict)

        class Meta:
            app_label = "village"

    state = fsm.State(states, default="s0")

    def transition(k):
        def take(flow):
            """Nothing besides the change of state."""

        take.__name__ = f"step{k}"
        return state.transition(source=f"s{k}", target=f"s{k + 1}", conditions=[lambda flow: stage.carried(flow.case.data)])(take)

    def bind(flow, case):
        flow.case = case

    def leave(flow, value):
        flow.case.state = value

    flow_class = type("Flow", (), {
        "__init__": bind, "state": state, "set_state": state.setter()(leave),
        "get_state": state.getter()(lambda flow: flow.case.state), **{f"step{k}": transition(k) for k in range(steps)}})
    with connection.schema_editor() as editor:
        editor.create_model(Case)
        editor.create_model(History)

    def create(count):
        return [case.pk for case in Case.objects.bulk_create([Case(data=dict(stage.DATA)) for _ in range(count)])]

    def step(key, k):
        with transaction.atomic():
            case = Case.objects.get(pk=key)
            before = case.state
            getattr(flow_class(case), f"step{k}")()
            case.save()
            History.objects.create(case=case, step=f"step{k}", actor="secretary", before=before, after=case.state, data=stage.DATA)

    stage.work("viewflow.fsm", create, step, lambda key: Case.objects.get(pk=key).state == f"s{steps}", steps)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
