"""`referloop task …`: what a person must do today."""

from typing import Annotated

import typer

from config.reference import format_number
from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.task import TaskKind

app = typer.Typer(no_args_is_help=True, help="What a person must do today.")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Open tasks, oldest first."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        rows: list[dict[str, object]] = [
            {
                "referral": format_number(tx.referral(task.referral_id).number),
                "kind": task.kind.value,
                "since": task.created_at,
                "what": task.text,
            }
            for task in tx.tasks()
        ]
    print_rows(rows, as_json=as_json, empty="Nothing to do.", zone=at_desk.rules.zone)


@app.command("done")
def done(
    config: Config, number: str, kind: Annotated[TaskKind, typer.Argument(help="The kind of task that is done.")]
) -> None:
    """Mark a referral's task done."""
    with desk(config) as at_desk:
        at_desk.contact.done(number, kind, actor())
    typer.echo(f"{number}: {kind.value} is done")
