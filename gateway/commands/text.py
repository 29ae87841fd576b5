"""`referloop text …`: consent to text messages, and what was sent."""

from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.services.change_referral import find
from gateway.services.text_consent import RecordConsent
from gateway.services.text_notices import NoticeEvents
from gateway.text_line import text_rules

app = typer.Typer(no_args_is_help=True, help="Text messages: consent, and what was sent.")


@app.command("consent")
def consent(
    config: Config,
    number: str,
    how: Annotated[str, typer.Option(help="How the patient agreed: signed form of May 4, said so at the desk …")],
    *,
    language: Annotated[str, typer.Option(help="en or es; as in the referral by default.")] = "",
    phone: Annotated[str, typer.Option(help="Mobile number like +15085550177; the referral's by default.")] = "",
) -> None:
    """Record that a patient agreed to text messages about a referral."""
    with desk(config) as at_desk:
        kept = RecordConsent(at_desk.store, at_desk.clock).give(number, how, actor(), language=language, phone=phone)
    typer.echo(f"{number}: text messages to the number ending in {kept.phone[-4:]}, in {kept.language}")


@app.command("withdraw")
def withdraw(config: Config, number: str) -> None:
    """Record that the patient wants no more text messages about a referral."""
    with desk(config) as at_desk:
        RecordConsent(at_desk.store, at_desk.clock).withdraw(number, actor())
    typer.echo(f"{number}: no more text messages")


@app.command("call-us")
def call_us(config: Config, number: str) -> None:
    """Ask the patient by text message to call; the daemon sends it outside of quiet hours."""
    with desk(config) as at_desk:
        notices = NoticeEvents(at_desk.store, at_desk.clock, text_rules(at_desk.settings))
        text = notices.ask_to_call(number, actor())
    typer.echo(f"{number}: to be sent: {text.body}")


@app.command("list")
def list_(config: Config, number: str, as_json: AsJson = False) -> None:
    """The text messages of a referral, oldest first."""
    with desk(config) as at_desk, at_desk.store.transaction() as tx:
        rows: list[dict[str, object]] = [
            {
                "at": text.submitted_at or text.created_at,
                "to": text.audience.value,
                "kind": text.kind.value,
                "state": text.state.value,
                "why": text.cause,
                "words": text.body,
            }
            for text in tx.texts_of(find(tx, number).id)
        ]
    print_rows(rows, as_json=as_json, empty="No text messages.", zone=at_desk.rules.zone)
