"""The packet of a referral that is not opened yet, drawn as it will be sent, for the one who is about to send it."""

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.followup import respond_by
from gateway.domain.intake_sheet import IntakeSheet
from gateway.domain.referral import Intake, Referral, Status
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.services.page_pictures import PictureShelf
from gateway.services.ports import Clock, PacketRequest, Vault
from gateway.services.rules import Rules


class PreviewPainter(Protocol):
    """Draws and inspects away from the daemon's own process, within limits."""

    async def preview(self, request: PacketRequest, into: Path) -> tuple[int, float]:
        """Pages as PNG in a folder, `0.png` and on: how many, and the seconds of the call. Raises OutboundError."""
        ...

    async def inspect(self, path: Path, name: str) -> tuple[str, int]:
        """Media type and pages of an attachment. Raises OutboundError."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be sent. `pages` are names on the sheet's shelf; `seconds` is 0 where nothing is dialled."""

    channel: Channel
    destination: str
    pages: tuple[str, ...]
    seconds: float
    is_tested_first: bool


@dataclass(frozen=True, slots=True)
class PreviewPacket:
    """Draws previews and keeps their pages where pictures of pages are kept."""

    vault: Vault
    clock: Clock
    rules: Rules
    shelf: PictureShelf
    painter: PreviewPainter

    async def preview(self, sheet: IntakeSheet, intake: Intake, recipient: Recipient, channel: Channel) -> Preview:
        """Draw the packet as it would be sent now.

        Raises:
            OutboundError: an attachment cannot become pages.
            WorkerFailed: the process died, hung or passed a limit.
        """
        is_tested_first = goes_after_test(recipient, channel, self.rules)
        request = self._request(sheet, intake, recipient, channel, ordinal=2 if is_tested_first else 1)
        with tempfile.TemporaryDirectory(prefix="referloop-preview-") as folder:
            count, seconds = await self.painter.preview(request, Path(folder))
            names = await asyncio.to_thread(self._keep, sheet, Path(folder), count)
        return Preview(channel, request.transmission.destination, names, seconds, is_tested_first)

    def page(self, sheet: IntakeSheet, name: str) -> Path | None:
        """A page of a preview drawn lately; None if it went to make room."""
        return self.shelf.find(_shelf_of(sheet), name)

    def _keep(self, sheet: IntakeSheet, folder: Path, count: int) -> tuple[str, ...]:
        names: list[str] = []
        for number in range(count):
            drawn = (folder / f"{number}.png").read_bytes()
            name = f"{number}-{hashlib.sha256(drawn).hexdigest()[:16]}"
            draft = self.shelf.draft(_shelf_of(sheet))
            draft.write_bytes(drawn)
            self.shelf.keep(draft, _shelf_of(sheet), name)
            names.append(name)
        return tuple(names)

    def _request(
        self, sheet: IntakeSheet, intake: Intake, recipient: Recipient, channel: Channel, *, ordinal: int
    ) -> PacketRequest:
        now = self.clock.now()
        referral = Referral(0, sheet.number, intake, Status.READY, now, now)
        transmission = Transmission(
            id=0,
            referral_id=0,
            ordinal=ordinal,
            purpose=Purpose.REQUEST,
            channel=channel,
            destination=recipient.destination(channel),
            key="",
            state=TransmissionState.INTENDED,
            requested_by="",
            created_at=now,
        )
        return PacketRequest(
            referral=referral,
            recipient=recipient,
            transmission=transmission,
            respond_by=respond_by(referral, recipient, self.rules.policy, self.rules.calendar, now),
            built_at=now,
            attachments=tuple((self.vault.path(one.sha256), one.title, one.media_type) for one in intake.attachments),
        )


def goes_after_test(recipient: Recipient, channel: Channel, rules: Rules) -> bool:
    """Whether a page without patient data goes first, to see who answers."""
    return channel is Channel.FAX and rules.tests_unconfirmed_numbers and recipient.fax_confirmed_at is None


def _shelf_of(sheet: IntakeSheet) -> str:
    return hashlib.sha256(f"sheet {sheet.number}".encode()).hexdigest()


def forget_preview(shelf_forget: "Forget", sheet: IntakeSheet) -> None:
    """The pages of a sheet that was opened or thrown away go at once: they speak of its patient."""
    shelf_forget(_shelf_of(sheet))


class Forget(Protocol):
    """Removes every picture kept under a hash."""

    def __call__(self, sha256: str, /) -> None:
        """Once is enough."""
        ...
