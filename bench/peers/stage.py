"""What both peers share: a Django project on one SQLite file, and a worker that repeats its measurement when asked.

A worker reads one line per repetition from standard input, the number of cases, and answers with one line of JSON.
"""
import json
import sys
import time

import django
from django.conf import settings

#: What a step carries, and what its condition looks at.
DATA = {"name": "Nông Văn An", "entitled": 12, "present": 12, "votes_for": 11, "paper": "12-NQ/CB", "on": "2023-01-05"}


def carried(data):
    """The one condition of every step: two thirds of those entitled."""
    return data["votes_for"] * 3 >= data["entitled"] * 2


def project(path, journal, *apps):
    """Configure Django on a new database with the journal mode and durability that the engine has."""
    pragmas = f"PRAGMA journal_mode={journal};PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps], USE_TZ=True, SECRET_KEY="bench",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path,
                               "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas}}})
    django.setup()


def work(name, create, step, finished, steps):
    """Answer requests until standard input ends.

    ``create(n)`` makes so many cases and returns their keys; ``step(key, k)`` takes the k-th step in a transaction of its
    own; ``finished(key)`` says whether a case has come to its end.
    """
    for line in sys.stdin:
        cases = create(int(line))
        wall, cpu = time.perf_counter(), time.process_time()
        for k in range(steps):
            for case in cases:
                step(case, k)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if not all(finished(case) for case in cases):
            raise SystemExit(f"{name}: a case has not come to its end")
        print(json.dumps({"steps": steps * len(cases), "wall": wall, "cpu": cpu}), flush=True)
