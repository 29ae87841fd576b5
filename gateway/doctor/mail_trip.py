"""`--mail-to`: one real mail, about no patient, as far as our mail server takes it."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.proof import clinic_sender, new_mark
from outbound.mail import SmtpAccount, SmtpSender
from outbound.proof_page import mark_of, proof_page
from outbound.sender import Accepted, Unknown


@dataclass(frozen=True, slots=True)
class MailTripCheck:
    """Sent once; nobody retries."""

    settings: Settings
    account: SmtpAccount
    to: str
    name: str = "test mail"
    limit_s: float = 180.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Draw it, hand it in."""
        digits = new_mark()
        tell(f"mailing {mark_of(digits)} to {self.to}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "test.pdf"
            packet = await asyncio.to_thread(proof_page, clinic_sender(self.settings), digits, datetime.now(UTC), path)
            outcome = await SmtpSender(self.account).submit(packet, self.to, f"doctor-{digits}", _keep_nothing)
        match outcome:
            case Accepted():
                return [well(f"the mail server took a test mail for {self.to}: it bears {mark_of(digits)}")]
            case Unknown(cause):
                return [doubt(f"the test mail may have been taken: {cause}", f"look into the mailbox of {self.to}")]
            case _:
                mend = "a refused recipient is the address's fault, a refused sender mail.from_address's"
                return [fault(f"the test mail was not taken: {outcome.cause}", mend)]


async def _keep_nothing(reference: str) -> None:
    """A test mail is in no ledger."""
    del reference
