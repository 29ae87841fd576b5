"""The mailbox that replies come to: certificate, login, folders, and whether the server tells of new mail at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.grants import no_token
from gateway.doctor.tls import TlsPeer, look_at, now_utc
from gateway.inbound.imap import Connection, ImapAccount, LoginRefused, MailboxFault

_ANSWER_S = 15.0


@dataclass(frozen=True, slots=True)
class MailboxCheck:
    """One account and the folders of it that are watched. `setting` is the section that names it."""

    account: ImapAccount
    folders: Sequence[str]
    setting: str = "mail.imap"
    name: str = "mailbox"
    limit_s: float = 90.0
    login_follows: bool = False

    async def run(self, tell: Tell) -> list[Finding]:
        """As the watcher does, and nothing is marked or moved."""
        found = await self._certificate(tell)
        tell(f"logging in at {self.account.host}")
        try:
            async with Connection(replace(self.account, answer_s=_ANSWER_S)) as mailbox:
                found.append(well(f"{self.account.name} lets us in"))
                tell("opening the folders")
                found += await self._folders(mailbox)
                found.append(await self._idle(mailbox))
        except LoginRefused as error:
            if self.account.tokens is not None:
                return [*found, no_token(str(error), f"{self.setting}.username", login_follows=self.login_follows)]
            mend = f"correct {self.setting}.username and its password; many providers want an app password here"
            found.append(fault(str(error).partition(": correct")[0], mend))
        except (MailboxFault, OSError) as error:
            mend = f"check {self.setting}.host, .port and .security, and that this machine may reach that port"
            found.append(fault(f"{self.account.host}:{self.account.port}: {error}", mend))
        return found

    async def _certificate(self, tell: Tell) -> list[Finding]:
        account = self.account
        if account.security == "none":
            mend = f'set {self.setting}.security = "tls" (port 993)'
            return [doubt(f"{account.host} is read without TLS: patients' data travel in the clear", mend)]
        tell(f"looking at the certificate of {account.host}")
        peer = TlsPeer(account.host, account.port, account.security, "imap", account.ca_file, self.setting)
        return await asyncio.to_thread(look_at, peer, now_utc())

    async def _folders(self, mailbox: Connection) -> list[Finding]:
        wanted = dict.fromkeys(self.folders, f"{self.setting}.folders")
        if self.account.move_to:
            wanted[self.account.move_to] = f"{self.setting}.move_to"
        found: list[Finding] = []
        for folder, setting in wanted.items():
            if await mailbox.has_folder(folder):
                found.append(well(f"folder {folder!r} is there"))
            else:
                found.append(fault(f"there is no folder {folder!r}", f"make it in the mailbox, or correct {setting}"))
        if self.account.move_to and not mailbox.offers("MOVE"):
            found.append(well("the server moves no mails: they are copied and marked as deleted"))
        return found

    async def _idle(self, mailbox: Connection) -> Finding:
        folder = self.folders[0] if self.folders else "INBOX"
        if not await mailbox.has_folder(folder):
            return doubt("IDLE could not be tried", "see the folder above")
        await mailbox.select()
        if await mailbox.does_idle():
            return well("the server tells of new mail at once (IDLE)")
        seconds = f"{self.account.poll_s:g} s"
        return doubt(
            f"the server offers no IDLE: mail is found within {seconds}", f"lower {self.setting}.poll_s at will"
        )
