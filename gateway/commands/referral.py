"""`referloop referral …`: open, list, show, send, cancel and close referrals."""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from config.reference import format_number
from config.vocabulary import Channel
from gateway.commands.output import AsJson, print_json, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.referral import OPEN, Referral
from gateway.errors import InvalidIntake
from gateway.services.change_referral import find
from gateway.services.intake_form import CSV_COLUMNS, parse_intake_csv

app = typer.Typer(no_args_is_help=True, help="Open, list, show, send, cancel and close referrals.")


@app.command("add")
def add(
    config: Config,
    source: Annotated[str, typer.Argument(help="A JSON or CSV file, or - for JSON on standard input.")] = "-",
    *,
    csv_template: Annotated[bool, typer.Option("--csv-template", help="Print the CSV columns and stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open referrals. The same external_id twice opens one."""
    if csv_template:
        out = io.StringIO()
        csv.writer(out).writerow(CSV_COLUMNS)
        sys.stdout.write(out.getvalue())
        return
    opened: list[dict[str, object]] = []
    is_bad = False
    with desk(config) as at_desk:
        if source.lower().endswith(".csv"):
            path = Path(source)
            for row in parse_intake_csv(path.read_text(encoding="utf-8-sig")):
                try:
                    if isinstance(row, InvalidIntake):
                        raise row
                    opened.append(_opened(*at_desk.intake.open_form(row, path.parent, origin="csv", actor=actor())))
                except InvalidIntake as error:
                    is_bad = True
                    sys.stderr.write(f"referloop: {error}\n")
        else:
            data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
            folder = Path() if source == "-" else Path(source).parent
            opened.append(_opened(*at_desk.intake.open_json(data, folder, origin="cli", actor=actor())))
    print_rows(opened, as_json=as_json, empty="Nothing was opened.")
    if is_bad:
        raise typer.Exit(1)


def _opened(referral: Referral, is_new: bool) -> dict[str, object]:
    return {
        "number": format_number(referral.number),
        "external_id": referral.intake.external_id,
        "status": referral.status.value,
        "is_new": is_new,
    }


@app.command("list")
def list_(
    config: Config,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Closed and cancelled ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open referrals, newest first."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        referrals = tx.referrals(None if all_ else OPEN)
        rows = [_row(referral, tx.recipient(referral.intake.recipient_id).name) for referral in referrals]
    print_rows(rows, as_json=as_json, empty="No open referrals.", zone=at_desk.rules.zone)


def _row(referral: Referral, recipient: str) -> dict[str, object]:
    patient = referral.intake.patient
    return {
        "number": format_number(referral.number),
        "patient": f"{patient.family}, {patient.given}",
        "born": patient.birth_date,
        "to": recipient,
        "urgency": referral.intake.urgency,
        "status": referral.status.value,
        "due": referral.due_at,
        "requests": referral.requests_sent,
    }


@app.command("show")
def show(
    config: Config, number: Annotated[str, typer.Argument(help="The printed number.")], as_json: AsJson = False
) -> None:
    """One referral: where it stands, what was sent, what came back, every event."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        referral = find(tx, number)
        recipient = tx.recipient(referral.intake.recipient_id)
        sent = [
            {
                "ordinal": t.ordinal,
                "purpose": t.purpose.value,
                "channel": t.channel.value,
                "to": t.destination,
                "state": t.state.value,
                "pages": f"{t.pages_confirmed}/{t.pages}",
                "asked_by": t.requested_by,
                "attempts": t.attempts,
                "simulated": t.is_simulated,
                "cause": t.cause,
            }
            for t in tx.transmissions_of(referral.id)
        ]
        filed = [
            {"part": p.id, "kind": p.kind.value, "pages": len(p.pages), "filed_by": p.settled_by, "at": p.settled_at}
            for p in tx.filed_on(referral.id)
        ]
        timeline = [
            {"at": e.event.at, "event": e.event.kind.value, "by": e.event.actor, "detail": e.event.detail or {}}
            for e in tx.events(referral_id=referral.id)
        ]
        row = _row(referral, recipient.name) | {
            "waits_for": referral.clock.value if referral.clock else None,
            "appointment": referral.appointment_at,
            "question": referral.intake.question,
        }
    if as_json:
        print_json(row | {"transmissions": sent, "documents": filed, "timeline": timeline})
        return
    zone = at_desk.rules.zone
    card = [{"": name.replace("_", " "), " ": value} for name, value in row.items()]
    print_rows(card, as_json=False, empty="", zone=zone)
    print_rows(sent, as_json=False, empty="Nothing was sent yet.", zone=zone)
    print_rows(filed, as_json=False, empty="Nothing came back yet.", zone=zone)
    print_rows(timeline, as_json=False, empty="", zone=zone)


@app.command("send")
def send(
    config: Config,
    number: str,
    channel: Annotated[Channel | None, typer.Option(help="fax or email; the preferred one by itself.")] = None,
) -> None:
    """Release a draft, or send the packet again now."""
    with desk(config) as at_desk:
        referral = at_desk.change.send(number, actor(), channel)
    typer.echo(f"{format_number(referral.number)}: a packet is due and goes out with the daemon's next tick")


@app.command("cancel")
def cancel(config: Config, number: str, reason: Annotated[str, typer.Option(help="Why; kept with the event.")]) -> None:
    """Stop a referral: nothing more is sent or chased."""
    with desk(config) as at_desk:
        referral = at_desk.change.cancel(number, reason, actor())
    typer.echo(f"{format_number(referral.number)} is cancelled")


@app.command("close")
def close(config: Config, number: str) -> None:
    """Close a referral whose report was read."""
    with desk(config) as at_desk:
        referral = at_desk.change.close(number, actor())
    typer.echo(f"{format_number(referral.number)} is closed")
