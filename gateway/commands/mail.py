"""`referloop mail …`: logging in to mailboxes that take no passwords."""

import asyncio
import sys
from typing import Annotated

import typer

from gateway.commands.browser_answer import listening
from gateway.commands.output import AsJson, failing_clearly, print_rows
from gateway.commands.state import Config, desk
from gateway.desk import Desk
from gateway.errors import NotFound
from gateway.mailboxes import MAIN, flow_of, mailboxes
from outbound.errors import OutboundError
from outbound.oauth import TokenClient, Tokens

app = typer.Typer(no_args_is_help=True, help="Mailboxes that take no passwords (OAuth 2).")
Account = Annotated[str, typer.Argument(help="The mailbox's name in the settings; the one of [mail] is main.")]


@app.command("login")
def login(config: Config, account: Account = MAIN) -> None:
    """Tell a person where to log in, wait until they have, and keep the grant, sealed."""
    with desk(config) as at_desk, failing_clearly(OutboundError):
        client = _client(at_desk, account)
        box = next(box for box in mailboxes(at_desk.settings) if box.name == account)
        typer.echo(f"Log in as the owner of {box.imap.username or box.smtp.username}.")
        if flow_of(box.oauth) == "device":
            tokens = asyncio.run(_by_device(client))
        else:
            tokens = asyncio.run(_by_browser(client, box.oauth.redirect_port))
        at_desk.grants.keep(account, tokens)
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


def _client(at_desk: Desk, account: str) -> TokenClient:
    clients = at_desk.grants.clients
    if account not in clients:
        named = ", ".join(clients) or "none has mail.oauth.provider set without a password"
        raise NotFound(f"mailbox {account} needs no log-in. Those that do: {named}")
    return clients[account]


async def _by_device(client: TokenClient) -> Tokens:
    prompt = await client.begin_device()
    typer.echo(f"Open {prompt.address} on any device and type the code {prompt.user_code}")
    typer.echo("Waiting …")
    sys.stdout.flush()
    return await client.wait_device(prompt)


async def _by_browser(client: TokenClient, port: int) -> Tokens:
    prompt = client.begin_browser(f"http://127.0.0.1:{port}/")
    with listening(port) as answer:
        typer.echo(f"Open this address in a browser:\n\n{prompt.address}\n")
        typer.echo("On this machine that is all. Elsewhere the browser ends at an address that begins with")
        typer.echo(f"{prompt.redirect} and shows nothing: copy that address to here, then Enter.")
        sys.stdout.flush()
        landed_on = await asyncio.to_thread(answer)
    return await client.redeem(prompt, landed_on)
