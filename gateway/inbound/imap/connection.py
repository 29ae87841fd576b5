"""One connection to one folder, in the few words the watcher needs. Every call has a hard limit.

After a `MailboxFault` the connection is of no more use.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from aioimaplib import aioimaplib

from gateway.inbound.imap.account import ImapAccount
from gateway.inbound.imap.errors import LoginRefused, MailboxFault
from gateway.inbound.imap.names import folder_argument, quoted
from gateway.inbound.imap.wire import Client, quiet_library
from outbound.errors import AccessRefused, AccessUnavailable
from outbound.token_source import TokenSource

_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_NEXT = re.compile(rb"\[UIDNEXT (\d+)\]", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"', re.IGNORECASE)
_BODY = re.compile(rb'\bBODY\[[A-Z]*\](?:<\d+>)? (NIL|"(?:[^"\\]|\\.)*"|\{\d+\})', re.IGNORECASE)
_PASSES = re.compile(rb"\[(UNAVAILABLE|LIMIT|INUSE|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
_LITERAL_SLACK_BYTES = 64 * 1024
_BREATH_S = 0.1  # lets mails that come together be taken together, and a server that never stops telling wait
_HEADER_BYTES = 64 * 1024
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder as selected. `next_uid` is 0 if the server does not say."""

    validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Size:
    """What the server says of a mail before it is fetched."""

    size_bytes: int
    arrived_at: datetime | None


class Connection:
    """One connection, from `async with` to its end: then it is closed, whatever happened."""

    _client: Client

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._limit: asyncio.Timeout | None = None
        self._reason = ""
        self._may_idle = True
        self._by_use: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        """Connect and log in.

        Raises:
            LoginRefused, MailboxFault.
        """
        quiet_library()
        account = self._account
        context = None if account.security == "none" else ssl.create_default_context(cafile=account.ca_file)
        self._client = Client(
            account.host,
            account.port,
            context if account.security == "tls" else None,
            timeout_s=account.answer_s,
            lost=self.note_loss,
            literal_limit_bytes=max(account.chunk_bytes, _HEADER_BYTES) + _LITERAL_SLACK_BYTES,
        )
        try:
            await self._log_in(context)
        except BaseException:
            self._client.abort()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.abort()

    def note_loss(self, reason: str) -> None:
        """The peer is gone: whatever waits now has waited enough."""
        self._reason = self._reason or reason
        if self._limit is not None:
            with contextlib.suppress(RuntimeError):  # the wait ended by itself in this very moment
                self._limit.reschedule(0)

    @asynccontextmanager
    async def _within(self, seconds: float, what: str) -> AsyncGenerator[None]:
        if self._reason:
            raise MailboxFault(self._reason)
        try:
            async with asyncio.timeout(seconds) as self._limit:
                yield
        except TimeoutError as error:
            raise MailboxFault(self._reason or f"no answer to {what} within {seconds:g} s") from error
        except (aioimaplib.AioImapException, OSError, ValueError, IndexError) as error:
            raise MailboxFault(self._reason or f"{what} failed ({type(error).__name__})") from error
        finally:
            self._limit = None

    async def _log_in(self, context: ssl.SSLContext | None) -> None:
        """Greeting, STARTTLS if asked for, and LOGIN."""
        account, client = self._account, self._client
        async with self._within(account.answer_s, "connecting"):
            await client.greeted()
        if account.security == "starttls" and context is not None:
            async with self._within(account.answer_s, "STARTTLS"):
                if not await client.starttls(context):
                    raise MailboxFault("the server offers no STARTTLS: nothing was sent over the open line")
        if client.get_state() == aioimaplib.AUTH:
            return
        if account.tokens is not None:
            await self._log_in_with_token(account.tokens)
            return
        async with self._within(account.answer_s, "LOGIN"):
            reply = await client.protocol.login(quoted(account.username), account.password)
        if reply is not None and reply.result != "OK" and _PASSES.search(b" ".join(reply.lines)):
            raise MailboxFault("the mail server takes no logins now")
        if reply is None or reply.result != "OK":
            raise LoginRefused(f"{account.name}: the mail server refuses user or password: correct mail.imap")

    async def _log_in_with_token(self, tokens: TokenSource) -> None:
        """One try, and after a refusal one more with a token fetched anew: the first may have been ended early."""
        account = self._account
        token = ""
        for _ in range(2):
            try:
                token = await tokens.token(token)
            except AccessRefused as error:
                raise LoginRefused(str(error)) from error
            except AccessUnavailable as error:
                raise MailboxFault(str(error)) from error
            async with self._within(account.answer_s, "AUTHENTICATE"):
                if await self._client.log_in_with_token(account.username, token):
                    return
        raise LoginRefused(
            f"{account.name}: the mail server refuses a fresh token: is mail.imap.username the mailbox that "
            "somebody logged in to, and may it use IMAP?"
        )

    async def _argument(self, folder: str) -> str:
        """A folder as commands name it; one given by its use is looked up."""
        if not folder.startswith("\\"):
            return folder_argument(folder)
        if folder not in self._by_use:
            async with self._within(self._account.answer_s, "LIST"):
                listed = await self._client.folders()
            named = [name for attributes, name in listed if folder.lower() in attributes]
            if len(named) != 1:
                raise MailboxFault(
                    f"the server marks {len(named)} folders as {folder}: write the folder's name instead"
                )
            self._by_use[folder] = named[0]
        return self._by_use[folder]

    async def select(self) -> Folder:
        """Open the folder, or look at it anew."""
        argument = await self._argument(self._account.folder)
        async with self._within(self._account.answer_s, "SELECT"):
            reply = await self._client.protocol.select(argument)
        if reply is None or reply.result != "OK":
            raise MailboxFault(f"the folder {self._account.folder!r} cannot be opened: check mail.imap.folders")
        text = b"\n".join(reply.lines)
        validity, following = _VALIDITY.search(text), _NEXT.search(text)
        if validity is None:
            raise MailboxFault("the server names no UIDVALIDITY: its mails cannot be told apart")
        return Folder(int(validity[1]), int(following[1]) if following else 0)

    def offers(self, capability: str) -> bool:
        """Whether the server says that it can do so."""
        return self._client.has_capability(capability)

    async def has_folder(self, folder: str) -> bool:
        """Whether the folder is there, or one of its use."""
        argument = await self._argument(folder)
        async with self._within(self._account.answer_s, "STATUS"):
            reply = await self._client.protocol.simple_command("STATUS", argument, "(UIDVALIDITY)")
        return reply.result == "OK"

    async def does_idle(self) -> bool:
        """Whether the server really goes idle and comes back."""
        idle = await self._begin_idle(self._account.answer_s)
        if idle is None:
            return False
        async with self._within(self._account.answer_s, "DONE"):
            self._client.idle_done()
            await idle
        return True

    async def uids(
        self, first: int, last: int | None, *, only_unseen: bool = False, since: date | None = None
    ) -> list[int]:
        """The UIDs that exist in a range, ascending; to the end if `last` is None.

        `since` leaves out what the server got before that day. What was moved away without the server's help lies
        there marked as deleted: it is left out too.
        """
        criteria = ["UID", f"{first}:{last or '*'}", *(["UNSEEN"] if only_unseen else [])]
        criteria += ["UNDELETED"] if self._account.move_to else []
        criteria += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"] if since else []
        async with self._within(self._account.answer_s, "SEARCH"):
            reply = await self._client.protocol.search(*criteria, charset=None, by_uid=True)
            if reply.result != "OK":
                raise MailboxFault("SEARCH was refused")
            found = {int(word) for line in reply.lines[:-1] for word in line.split()}
        return sorted(uid for uid in found if uid >= first and (last is None or uid <= last))

    async def size_of(self, uid: int) -> Size | None:
        """Size and arrival of a mail; None if it is gone."""
        for line in await self._fetch(uid, "(UID RFC822.SIZE INTERNALDATE)"):
            size, about = _SIZE.search(line), _UID.search(line)
            if size and about and int(about[1]) == uid:
                return Size(int(size[1]), _date(_DATE.search(line)))
        return None

    async def header_of(self, uid: int) -> bytes | None:
        """The first part of a mail's header; None if it is gone."""
        return _body(await self._fetch(uid, f"(UID BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>)"), uid)

    async def chunks_of(self, uid: int) -> AsyncGenerator[bytes]:
        """The mail as it is, piece by piece, without marking it as seen; nothing if it is gone.

        Some servers state a wrong size: the end is where less comes than was asked for.
        """
        step, offset = self._account.chunk_bytes, 0
        while True:
            piece = _body(await self._fetch(uid, f"(UID BODY.PEEK[]<{offset}.{step}>)"), uid)
            if piece is None and offset:
                raise MailboxFault("the mail went away while it was fetched")
            if piece is None:
                return
            yield piece
            offset += len(piece)
            if len(piece) < step:
                return

    async def _fetch(self, uid: int, items: str) -> list[bytes]:
        async with self._within(self._account.answer_s, "FETCH"):
            return await self._client.fetch_one(uid, items)

    async def acknowledge(self, uid: int) -> bool:
        """Move the mail away or mark it as seen; False if the server will not (a read-only folder, say)."""
        if self._account.move_to:
            return await self._move(uid)
        return await self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    async def _move(self, uid: int) -> bool:
        target = await self._argument(self._account.move_to)
        if self._client.has_capability("MOVE"):
            return await self._uid("MOVE", str(uid), target)
        if not await self._uid("COPY", str(uid), target):
            return False
        is_marked = await self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)")
        if is_marked and self._client.has_capability("UIDPLUS"):
            return await self._uid("EXPUNGE", str(uid))
        return is_marked

    async def _uid(self, command: str, *words: str) -> bool:
        async with self._within(self._account.answer_s, command):
            return (await self._client.protocol.uid(command, *words)).result == "OK"

    async def wait_for_news(self) -> None:
        """Return when the server tells of a change, or when it is time to poll."""
        account, client = self._account, self._client
        wait_s = min(account.poll_s, account.idle_renew_s)
        idle = await self._begin_idle(wait_s)
        if idle is None:
            await asyncio.sleep(wait_s)
            return
        async with self._within(wait_s + account.answer_s, "IDLE"):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await client.pushed()
        await asyncio.sleep(_BREATH_S)
        async with self._within(account.answer_s, "DONE"):
            client.idle_done()
            await idle

    async def _begin_idle(self, wait_s: float) -> "asyncio.Future[object] | None":
        """The running IDLE, or None where the server knows none or refuses it."""
        if not self._may_idle or not self._client.has_capability("IDLE"):
            return None
        async with self._within(self._account.answer_s, "IDLE"):
            try:
                return await self._client.idle_start(timeout=wait_s + 2 * self._account.answer_s)
            except aioimaplib.Abort:
                self._may_idle = False
        return None


def _body(lines: list[bytes], uid: int) -> bytes | None:
    """The body in a FETCH reply that speaks of `uid`. Raises MailboxFault if it does not hold together."""
    for place, line in enumerate(lines):
        found = None if isinstance(line, bytearray) else _BODY.search(line)
        if found is None:
            continue
        value = found[1]
        after = line[found.end() :]
        if value.startswith(b"{"):
            literal, after = (*lines[place + 1 : place + 3], b"", b"")[:2]
            if not isinstance(literal, bytearray) or not after.startswith((b")", b" ")):
                raise MailboxFault("the server sent a mail of another length than it announced")
        else:
            literal = b"" if value.upper() == b"NIL" else re.sub(rb"\\(.)", rb"\1", value[1:-1])
        about = _UID.search(line[: found.start()]) or _UID.search(after)
        if about and int(about[1]) == uid:
            return bytes(literal)
    return None


def _date(found: re.Match[bytes] | None) -> datetime | None:
    if found is None:
        return None
    try:
        return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None
