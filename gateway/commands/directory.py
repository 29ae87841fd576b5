"""`referloop directory …`: the offices the clinic refers to."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.directory import Recipient
from gateway.services.confirm_number import ConfirmNumber
from gateway.services.recipient_form import parse_recipient_json

app = typer.Typer(no_args_is_help=True, help="The offices the clinic refers to.")


def _row(recipient: Recipient) -> dict[str, object]:
    return {
        "id": recipient.id,
        "name": recipient.name,
        "specialty": recipient.specialty,
        "fax": recipient.fax,
        "fax_is": _fax_is(recipient),
        "email": recipient.email,
        "preferred": recipient.preferred.value,
        "fallback": recipient.fallback.value if recipient.fallback else None,
    }


def _fax_is(recipient: Recipient) -> str:
    if not recipient.fax:
        return ""
    if recipient.fax_set_aside_at:
        return "set aside"
    return "confirmed" if recipient.fax_confirmed_at else "unconfirmed"


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
        recipient = ConfirmNumber(at_desk.store, at_desk.clock).confirm(name, actor())
    typer.echo(f"{recipient.fax} is confirmed as {recipient.name}'s")
