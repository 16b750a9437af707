"""The command ``nennep``: the commands of :mod:`workflow.cli`, and ``serve``."""
from __future__ import annotations

import errno
import sys

import click

from web.startup import shadowed


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535),
              help="Port; the environment variable PORT gives another default.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests answered at once.")
def serve(host: str, port: int, threads: int) -> None:
    """Serve the site (phục vụ trang web) until interrupted."""
    import waitress

    from web.app import create_app
    from workflow.cli.home import opened

    with opened() as site:
        app = create_app(site)
        try:
            # Which proxies are believed is decided in one place, by the site (NENNEP_PROXIES); the server hands all on.
            server = waitress.create_server(app, host=host, port=port, threads=threads, ident=None, clear_untrusted_proxy_headers=False)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                raise
            raise click.ClickException(f"Không mở được cổng (cannot listen on) {host}:{port}: {error.strerror}; "
                                       "chọn cổng khác (choose another): --port, PORT=") from error
        click.echo(f"Nền Nếp: http://{host}:{port}  (Ctrl-C: dừng / stop)")
        try:
            server.run()
        finally:
            server.close()


def main() -> None:
    """Entry point of the console script."""
    troubles = shadowed()
    if troubles:
        for trouble in troubles:
            click.echo(f"Error: {trouble}", err=True)
        sys.exit(2)
    from workflow.cli import cli

    cli.add_command(serve)
    cli.main(prog_name="nennep")


if __name__ == "__main__":
    main()
