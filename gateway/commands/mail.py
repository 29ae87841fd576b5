"""`referloop mail …`: logging in to mailboxes that take no passwords."""

import sys
from typing import Annotated

import typer

from gateway.commands.output import AsJson, failing_clearly, print_rows
from gateway.commands.state import Config, desk
from gateway.desk import Desk
from gateway.errors import NotFound
from gateway.mail_login import log_in
from gateway.mailboxes import MAIN, Mailbox, mailboxes
from outbound.errors import OutboundError

app = typer.Typer(no_args_is_help=True, help="Mailboxes that take no passwords (OAuth 2).")
Account = Annotated[str, typer.Argument(help="The mailbox's name in the settings; the one of [mail] is main.")]


@app.command("login")
def login(config: Config, account: Account = MAIN) -> None:
    """Tell a person where to log in, wait until they have, and keep the grant, sealed."""
    with desk(config) as at_desk, failing_clearly(OutboundError):
        log_in(_box(at_desk, account), at_desk.grants, _tell)
    typer.echo(f"Mailbox {account} is open: a running daemon uses it within five minutes.")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Every mailbox, how it is logged in to, and what is wrong."""
    with desk(config) as at_desk:
        with at_desk.store.transaction() as tx:
            kept = at_desk.grants.kept(tx)
        rows: list[dict[str, object]] = [
            {
                "name": box.name,
                "sends_as": box.from_address,
                "reads": box.imap.username,
                "login": box.oauth.provider if box.needs_grant else "password",
                "since": grant.kept_at if (grant := kept.get(box.name)) else None,
                "trouble": grant.trouble if grant else "nobody has logged in" if box.needs_grant else "",
            }
            for box in mailboxes(at_desk.settings)
        ]
    print_rows(rows, as_json=as_json, empty="Mail is off: set mail.enabled.", zone=at_desk.rules.zone)


@app.command("logout")
def logout(config: Config, account: Account = MAIN) -> None:
    """Forget a mailbox's grant; end it at the provider too, in the account's own pages."""
    with desk(config) as at_desk:
        if not at_desk.grants.forget(account):
            raise NotFound(f"there is no grant of mailbox {account}: see `referloop mail list`")
    typer.echo(f"The grant of mailbox {account} is forgotten here. End it at the provider too.")


def _box(at_desk: Desk, account: str) -> Mailbox:
    """A mailbox that a person logs in to. Raises NotFound."""
    found = {box.name: box for box in mailboxes(at_desk.settings) if box.needs_grant}
    if account not in found:
        named = ", ".join(found) or "none has mail.oauth.provider set without a password"
        raise NotFound(f"mailbox {account} needs no log-in. Those that do: {named}")
    return found[account]


def _tell(words: str) -> None:
    typer.echo(words)
    sys.stdout.flush()
