"""django-viewflow's workflow: a flow of view nodes, each task assigned, started and executed; its task rows are its history.

usage: viewflow_workflow.py DATABASE JOURNAL_MODE STEPS
"""
import sys
import types

import stage


def main(path, journal, steps):
    stage.project(path, journal, "viewflow", "viewflow.workflow")
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction
    from django.test import RequestFactory
    from django.views.generic import View
    from viewflow import this
    from viewflow.workflow import flow
    from viewflow.workflow.models import Process, Task
    from viewflow.workflow.status import PROCESS, STATUS

    call_command("migrate", verbosity=0)

    def begin(self, activation):
        activation.process.data = dict(stage.DATA)
        return activation.process

    nodes = {f"step{k}": flow.View(View.as_view()).Next(getattr(this, f"step{k + 1}" if k + 1 < steps else "end"))
             for k in range(steps)}
    # A flow is found again by the module it says it stands in, which must belong to an installed application.
    flow_class = type(flow.Flow)("AdmissionFlow", (flow.Flow,), {
        "__module__": "viewflow.workflow.flows", "process_class": Process, "begin": begin,
        "start": flow.StartHandle(this.begin).Next(this.step0), "end": flow.End(), **nodes})
    sys.modules["viewflow.workflow.flows"] = types.SimpleNamespace(AdmissionFlow=flow_class)
    secretary = User.objects.create(username="secretary", is_superuser=True)
    request = RequestFactory().post("/")
    request.user = secretary

    def create(count):
        with transaction.atomic():
            return [flow_class.start.run().pk for _ in range(count)]

    def step(key, k):
        with transaction.atomic():
            task = Task.objects.select_related("process").get(process_id=key, status=STATUS.NEW)
            activation = task.flow_task.activation_class(task)
            if not stage.carried(activation.process.data):
                raise SystemExit("the condition does not hold")
            activation.assign(secretary)
            activation.start(request)
            task.data = dict(stage.DATA)
            activation.execute()

    stage.work("django-viewflow", create, step, lambda key: Process.objects.get(pk=key).status == PROCESS.DONE, steps)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
