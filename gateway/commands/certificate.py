"""`referloop certificate …`: with whose certificates mail is encrypted, and whose signatures are known (S/MIME)."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.certificate import Certificate
from gateway.services.keep_certificates import fingerprint, issuer

app = typer.Typer(no_args_is_help=True, help="Certificates of mail addresses (S/MIME).")


@app.command("add")
def add(
    config: Config,
    source: Annotated[str, typer.Argument(help="A certificate's file, PEM or DER, or - for standard input.")] = "-",
    *,
    address: Annotated[str, typer.Option(help="For whom, where the certificate names several or a domain.")] = "",
) -> None:
    """Put an office's certificate on file: from now on mail to it is encrypted, and its signature is known."""
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    with desk(config) as at_desk:
        kept = at_desk.certificates.add(data, address, actor())
    typer.echo(f"{kept.address}: mail is encrypted until {kept.not_after:%Y-%m-%d}")
    typer.echo(f"issued by {issuer(kept.pem)}")
    typer.echo(f"SHA-256 {fingerprint(kept.pem)}")
    typer.echo("Compare these figures with the office by telephone: whoever has the key to it reads what is sent.")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """All certificates on file, and which end soon."""
    with desk(config) as at_desk:
        now = at_desk.clock.now()
        rows = [_row(one, one.warning(now), is_whole=as_json) for one in at_desk.certificates.everybody()]
    empty = "No certificate is on file: referloop certificate add FILE"
    print_rows(rows, as_json=as_json, empty=empty, zone=at_desk.rules.zone)


@app.command("remove")
def remove(config: Config, address: str) -> None:
    """Forget an office's certificate: mail to it goes unencrypted again."""
    with desk(config) as at_desk:
        at_desk.certificates.remove(address, actor())
    typer.echo(f"{address.lower()}: mail goes unencrypted again")


def _row(one: Certificate, warning: str, *, is_whole: bool) -> dict[str, object]:
    """What a person needs at a glance, or all of it."""
    row: dict[str, object] = {"address": one.address, "until": f"{one.not_after:%Y-%m-%d}", "warning": warning}
    if is_whole:
        row |= {"sha256": fingerprint(one.pem), "saved_by": one.saved_by, "saved_at": one.saved_at}
    return row
