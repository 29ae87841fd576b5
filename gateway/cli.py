"""The command line: names and help; every command lives in `gateway/commands`."""

import typer

from gateway.commands import certificate, directory, mail, person, queue, referral, report, task, text, token
from gateway.commands.clinic import init, serve
from gateway.commands.demo import demo
from gateway.commands.doctor import doctor
from gateway.commands.paper import cover, form, read
from gateway.commands.receive import receive
from gateway.commands.setup import setup

app = typer.Typer(
    name="referloop",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold patients' data
    help="Closes referral loops: sends, watches, reads, matches and chases.",
)
app.command()(init)
app.command()(setup)
app.command()(serve)
app.command()(demo)
app.command()(receive)
app.command()(read)
app.command()(cover)
app.command()(form)
app.command()(doctor)
app.add_typer(referral.app, name="referral")
app.add_typer(directory.app, name="directory")
app.add_typer(queue.app, name="queue")
app.add_typer(task.app, name="task")
app.add_typer(report.app, name="report")
app.add_typer(text.app, name="text")
app.add_typer(person.app, name="person")
app.add_typer(mail.app, name="mail")
app.add_typer(certificate.app, name="certificate")
app.add_typer(token.app, name="token")


def main() -> None:
    """The `referloop` command."""
    app()


if __name__ == "__main__":
    main()
