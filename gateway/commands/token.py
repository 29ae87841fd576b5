"""`referloop token …`: tokens with which programs use the HTTP API."""

from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_json, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By

app = typer.Typer(no_args_is_help=True, help="Tokens with which programs use the HTTP API.")


@app.command("add")
def add(
    config: Config,
    name: str,
    *,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it several times.")],
    role: Annotated[Role, typer.Option(help="It can never do more than this role.")] = Role.STAFF,
    days: Annotated[int, typer.Option(help="How long it is good for.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is printed this once and kept nowhere."""
    with desk(config) as at_desk:
        token, secret = at_desk.access.tokens.add(name, role, scope, days, _by())
    if as_json:
        print_json({"name": token.name, "token": secret, "expires_at": token.expires_at})
    else:
        typer.echo(secret)


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """All tokens, the newest first; never their secrets."""
    with desk(config) as at_desk:
        now = at_desk.clock.now()
        rows: list[dict[str, object]] = [
            {
                "name": token.name,
                "begins_with": token.prefix,
                "role": token.role.value,
                "scopes": " ".join(sorted(token.scopes)),
                "made_by": token.made_by,
                "used": token.used_at,
                "until": token.expires_at,
                "state": token.state(now),
            }
            for token in at_desk.access.tokens.everyone()
        ]
    empty = "No program has a token: referloop token add NAME --scope referrals:read"
    print_rows(rows, as_json=as_json, empty=empty, zone=at_desk.rules.zone)


@app.command("revoke")
def revoke(config: Config, name: str) -> None:
    """Make a token open nothing any more, at once."""
    with desk(config) as at_desk:
        at_desk.access.tokens.revoke(name, _by())
    typer.echo(f"{name} is revoked")


def _by() -> By:
    return By(f"{actor()} at the command line", "this machine")
