"""A person's log-in to a mailbox that takes no password: by a code typed elsewhere, or by a browser."""

import asyncio
from collections.abc import Callable

from gateway.browser_answer import listening
from gateway.mailboxes import Mailbox, flow_of
from gateway.services.mail_grants import MailGrants
from outbound.oauth import TokenClient, Tokens

Tell = Callable[[str], None]
"""Says a line to the person, at once."""


def log_in(box: Mailbox, grants: MailGrants, tell: Tell) -> None:
    """Tell where to log in, wait until somebody has, and keep the grant, sealed.

    Raises:
        AccessRefused, AccessUnavailable: no grant came; the message says why.
    """
    client = grants.clients[box.name]
    tell(f"Log in as the owner of {box.imap.username or box.smtp.username}.")
    if flow_of(box.oauth) == "device":
        tokens = asyncio.run(_by_device(client, tell))
    else:
        tokens = asyncio.run(_by_browser(client, box.oauth.redirect_port, tell))
    grants.keep(box.name, tokens)


async def _by_device(client: TokenClient, tell: Tell) -> Tokens:
    prompt = await client.begin_device()
    tell(f"Open {prompt.address} on any device and type the code {prompt.user_code}")
    tell("Waiting …")
    return await client.wait_device(prompt)


async def _by_browser(client: TokenClient, port: int, tell: Tell) -> Tokens:
    prompt = client.begin_browser(f"http://127.0.0.1:{port}/")
    with listening(port) as answer:
        tell(f"Open this address in a browser:\n\n{prompt.address}\n")
        tell("On this machine that is all. Elsewhere the browser ends at an address that begins with")
        tell(f"{prompt.redirect} and shows nothing: copy that address to here, then Enter.")
        landed_on = await asyncio.to_thread(answer)
    return await client.redeem(prompt, landed_on)
