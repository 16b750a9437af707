"""Notices: written with the act or not at all, delivered at least once, under one Message-ID, without a name in them."""
from __future__ import annotations

import datetime as dt
import email
import email.policy
import signal
import socketserver
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.workflow.journalled import scalars
from workflow import mail, outbox
from workflow.db import Database
from workflow.outbox import Message

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.timezone.utc)


def put(database: Database, *names: str, run_at: dt.datetime = NOW) -> None:
    with database.write() as session:
        for name in names:
            outbox.enqueue(session.connection(), message_id=name, kind="case.waits", run_at=run_at, case_id=1, unit_id=1,
                           role="cell_secretary")


def drain(database: Database, seen: list[Message], now: dt.datetime = NOW, **more) -> dict[str, int]:
    return dict(outbox.drain(database, seen.append, lambda: now, **more))


def test_what_is_due_is_delivered_once_in_order(filled: Database) -> None:
    put(filled, "later", run_at=NOW + dt.timedelta(hours=1))
    put(filled, "b", "c")
    put(filled, "a", run_at=NOW - dt.timedelta(days=1))
    seen: list[Message] = []
    assert drain(filled, seen) == {"sent": 3, "failed": 0}
    assert [m.message_id for m in seen] == ["a", "b", "c"]
    assert drain(filled, seen) == {"sent": 0, "failed": 0}
    assert outbox.waiting(filled) == 1
    assert drain(filled, seen, NOW + dt.timedelta(hours=1)) == {"sent": 1, "failed": 0}


def test_a_notice_of_an_act_that_was_rolled_back_is_never_sent(filled: Database) -> None:
    with pytest.raises(ZeroDivisionError), filled.write() as session:
        outbox.enqueue(session.connection(), message_id="x", kind="case.waits", run_at=NOW)
        raise ZeroDivisionError
    assert outbox.waiting(filled) == 0


def test_a_failure_waits_longer_each_time_and_holds_up_nobody(filled: Database) -> None:
    put(filled, "bad", "good")
    tried: list[dt.datetime] = []
    sent: list[str] = []
    minutes = 0

    def deliver(message: Message) -> None:
        if message.message_id == "bad":
            tried.append(NOW + dt.timedelta(minutes=minutes))
            raise ConnectionRefusedError
        sent.append(message.message_id)

    for minutes in range(40):
        now = NOW + dt.timedelta(minutes=minutes)
        outbox.drain(filled, deliver, lambda at=now: at)
    assert sent == ["good"]
    assert [(t - NOW) // dt.timedelta(minutes=1) for t in tried] == [0, 1, 3, 7, 15, 31]
    assert outbox.wait(10_000) == dt.timedelta(hours=6)


def test_a_leased_notice_is_nobody_elses_until_the_lease_runs_out(filled: Database) -> None:
    put(filled, "x")
    inner: list[Message] = []

    def deliver(message: Message) -> None:
        assert drain(filled, inner) == {"sent": 0, "failed": 0}
        assert drain(filled, inner, NOW + outbox.LEASE) == {"sent": 1, "failed": 0}

    assert outbox.drain(filled, deliver, lambda: NOW) == {"sent": 1, "failed": 0}
    assert [(m.message_id, m.tries) for m in inner] == [("x", 2)]
    assert scalars(filled, "SELECT tries FROM outbox") == [2]
    assert outbox.waiting(filled) == 0


WORKER = """
    import datetime as dt, os, sys
    from pathlib import Path
    from workflow import mail, outbox
    from workflow.db import Database

    url, folder, die, now = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "die", dt.datetime.fromisoformat(sys.argv[4])
    database = Database(url)
    out = mail.deliverer(database, folder, lambda: now)

    def deliver(message):
        out(message)
        with (folder / "tries").open("a") as file:
            print(message.message_id, file=file)
        if die:
            os.kill(os.getpid(), 9)

    print(outbox.drain(database, deliver, lambda: now))
"""


def test_a_worker_killed_between_sending_and_marking_loses_nothing(filled: Database, tmp_path: Path) -> None:
    put(filled, "one", "two")
    folder = tmp_path / "out"
    folder.mkdir()

    def worker(how: str, now: dt.datetime) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", textwrap.dedent(WORKER), filled.url.render_as_string(hide_password=False), str(folder),
                               how, now.isoformat()], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert worker("die", NOW).returncode == -signal.SIGKILL
    assert outbox.waiting(filled) == 2
    early = worker("live", NOW + dt.timedelta(minutes=1))
    assert "'sent': 1" in early.stdout, early.stderr
    late = worker("live", NOW + outbox.LEASE)
    assert "'sent': 1" in late.stdout, late.stderr
    assert outbox.waiting(filled) == 0
    assert (folder / "tries").read_text().split() == ["one", "two", "one"]
    assert len(list(folder.glob("*.eml"))) == 2


def test_two_workers_share_the_work(filled: Database) -> None:
    put(filled, *map(str, range(40)))
    seen: list[list[Message]] = [[], []]
    workers = [threading.Thread(target=drain, args=(filled, part)) for part in seen]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert sorted(int(m.message_id) for part in seen for m in part) == list(range(40))


def test_a_notice_names_no_person(filled: Database, tmp_path: Path) -> None:
    put(filled, "case:1.2")
    outbox.drain(filled, mail.deliverer(filled, tmp_path, lambda: NOW, {"NENNEP_URL": "https://xa.example/"}), lambda: NOW)
    (file,) = tmp_path.glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Message-ID"] == "<case.1.2@xa.example>"
    assert message["Subject"] == "[Nền Nếp] Có việc chờ xử lý (C1)"
    text = message.get_content()
    assert text.splitlines() == ["Có việc chờ xử lý.", "Đơn vị: C1", "Xem tại: https://xa.example/ho-so/1"]
    for name in scalars(filled, "SELECT full_name FROM person"):
        assert name not in str(message) + text


class _Server(socketserver.StreamRequestHandler):
    """As much of a mail server as one letter needs."""

    letters: list[bytes] = []

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    letter += line
                self.letters.append(letter)
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


def test_a_mail_server_is_used_where_one_is_named(filled: Database, tmp_path: Path) -> None:
    put(filled, "one")
    with socketserver.TCPServer(("127.0.0.1", 0), _Server) as server:
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        deliver = mail.deliverer(filled, tmp_path, lambda: NOW, {"NENNEP_SMTP_URL": url})
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert outbox.drain(filled, deliver, lambda: NOW) == {"sent": 1, "failed": 0}
        thread.join(10)
    assert b"Message-ID: <one@127.0.0.1>" in _Server.letters[0]
    put(filled, "two")
    assert outbox.drain(filled, deliver, lambda: NOW) == {"sent": 0, "failed": 1}
