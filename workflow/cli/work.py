"""``nennep work``: deliver what waits in the outbox."""
from __future__ import annotations

import datetime as dt
import threading

import click

from workflow import mail, outbox
from workflow.cli.home import store
from workflow.context import FixedClock, SystemClock
from workflow.site import demo_day


@click.command()
@click.option("--once", is_flag=True, help="Gửi những gì đã đến hạn rồi dừng (deliver what is due now, then stop).")
@click.option("--every", default=10, show_default=True, type=click.IntRange(1, 3600),
              help="Số giây giữa hai lần xem (seconds between two looks).")
def work(once: bool, every: int) -> None:
    """Gửi thông báo đang chờ (deliver notices): to NENNEP_SMTP_URL, else as files into the folder outbox of the home."""
    stop = threading.Event()
    real = SystemClock()
    with store() as (home, database):
        def now() -> dt.datetime:
            """Real time, for a demo's day stands still; or that day, when it was moved beyond real time."""
            day = demo_day(database)
            return max(real.now(), FixedClock(day).now()) if day else real.now()

        deliver = mail.deliverer(database, home / "outbox", now)
        try:
            while not stop.is_set():
                counts = outbox.drain(database, deliver, now)
                if once or any(counts.values()):
                    click.echo(f"{counts['sent']} sent, {counts['failed']} to be tried again, {outbox.waiting(database)} waiting")
                if once:
                    raise SystemExit(1 if counts["failed"] else 0)
                stop.wait(every)
        except KeyboardInterrupt:
            click.echo("Đã dừng (stopped).")
