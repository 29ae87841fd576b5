"""`referloop queue …`: what waits for a person, and settling it."""

from typing import Annotated

import typer

from config.reference import format_number
from gateway.commands.output import AsJson, print_json, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.services.ports import QueueItem, Transaction

_TAKES_ITEM = {"ignore_unknown_options": True}  # what could not be read at all has a number below zero, like -1

app = typer.Typer(no_args_is_help=True, help="What waits for a person, and settling it.")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Oldest first, with why each was held and the best guess."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        rows = [_row(tx, item) for item in tx.queue()]
    print_rows(rows, as_json=as_json, empty="The queue is empty.", zone=at_desk.rules.zone)


def _row(tx: Transaction, item: QueueItem) -> dict[str, object]:
    best = item.candidates[0] if item.candidates else None
    return {
        "item": item.id,
        "received": item.arrival.received_at,
        "channel": item.arrival.envelope.channel.value,
        "kind": item.part.kind.value if item.part else "unreadable",
        "pages": len(item.part.pages) if item.part else item.arrival.pages,
        "why_held": item.reason,
        "like_item": item.part.like_part if item.part else None,
        "best_guess": format_number(tx.referral(best.referral_id).number) if best else None,
    }


@app.command("show", context_settings=_TAKES_ITEM)
def show(config: Config, item: int, as_json: AsJson = False) -> None:
    """One item: why it was held, and each candidate with what speaks for and against it."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        found = tx.queue_item(item)
        row = _row(tx, found)
        candidates = [
            {
                "rank": c.rank,
                "referral": format_number(tx.referral(c.referral_id).number),
                "likely": f"{c.posterior:.3f}",
                "for": "; ".join(c.findings),
                "against": "; ".join(c.against),
            }
            for c in found.candidates
        ]
        original = at_desk.vault.path(found.arrival.sha256)
    if as_json:
        print_json(row | {"candidates": candidates, "original": original})
        return
    print_rows([row], as_json=False, empty="", zone=at_desk.rules.zone)
    print_rows(candidates, as_json=False, empty="No referral comes near.")
    typer.echo(f"original: {original}")


@app.command("assign", context_settings=_TAKES_ITEM)
def assign(
    config: Config,
    item: int,
    numbers: Annotated[list[str], typer.Argument(help="The printed numbers of the referrals it answers.")],
) -> None:
    """File an item on one or more referrals, and move them as it says."""
    with desk(config) as at_desk:
        at_desk.settle.assign(item, numbers, actor())
    typer.echo(f"item {item} is filed on {', '.join(numbers)}")


@app.command("discard", context_settings=_TAKES_ITEM)
def discard(config: Config, item: int, reason: Annotated[str, typer.Option(help="Why it is none of ours.")]) -> None:
    """Take an item off the queue; its bytes stay for the time the retention policy states."""
    with desk(config) as at_desk:
        at_desk.settle.discard(item, reason, actor())
    typer.echo(f"item {item} is discarded")
