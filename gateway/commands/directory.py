"""`referloop directory …`: the offices the clinic refers to."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.directory import Recipient, fax_standing
from gateway.errors import NotFound
from gateway.services.recipient_form import parse_recipient_json

app = typer.Typer(no_args_is_help=True, help="The offices the clinic refers to.")


def _row(recipient: Recipient) -> dict[str, object]:
    return {
        "id": recipient.id,
        "name": recipient.name,
        "specialty": recipient.specialty,
        "fax": recipient.fax,
        "fax_is": fax_standing(recipient).value.replace("_", " "),
        "email": recipient.email,
        "preferred": recipient.preferred.value,
        "fallback": recipient.fallback.value if recipient.fallback else None,
    }


@app.command("add")
def add(
    config: Config,
    source: Annotated[str, typer.Argument(help="A JSON file, or - for standard input.")] = "-",
    as_json: AsJson = False,
) -> None:
    """Add an office, or change the one with the same name. A changed fax number is unconfirmed again."""
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    with desk(config) as at_desk:
        saved = at_desk.intake.save_recipient(parse_recipient_json(data), actor())
    print_rows([_row(saved)], as_json=as_json, empty="")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """All offices by name."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        rows = [_row(recipient) for recipient in tx.recipients()]
    print_rows(rows, as_json=as_json, empty="The directory is empty: referloop directory add FILE.json")


@app.command("confirm")
def confirm(config: Config, name: str) -> None:
    """Staff have made sure that the office's fax number is its own; one that was set aside is dialled again."""
    with desk(config) as at_desk:
        with at_desk.store.transaction() as tx:
            recipient = tx.recipient_named(name)
        if recipient is None or not recipient.fax:
            raise NotFound(f"nobody called {name!r} with a fax number is in the directory")
        confirmed = at_desk.directory.confirm(recipient, actor())
    typer.echo(f"{confirmed.fax} is confirmed as {confirmed.name}'s")
