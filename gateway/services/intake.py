"""From a checked form to an opened referral: the recipient found or added, attachments made durable.

The command line and the drop folder both come through here.
"""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.directory import Recipient
from gateway.domain.referral import Attachment, Referral
from gateway.errors import InvalidIntake
from gateway.services.intake_form import IntakeForm, parse_intake_json, to_intake
from gateway.services.keep_directory import save_by_name
from gateway.services.open_referral import open_referral
from gateway.services.ports import Clock, Store, Vault
from gateway.services.recipient_form import RecipientForm
from gateway.services.rules import Rules

LARGEST_BYTES = 50 * 1024 * 1024
"""Of one attachment."""


@dataclass(slots=True)
class TakeIntake:
    """Opens referrals from forms, wherever the form came from."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules

    def open_json(self, data: bytes, folder: Path, *, origin: str, actor: str) -> tuple[Referral, bool]:
        """Open from JSON whose attachment paths are relative to `folder`.

        Raises:
            InvalidIntake: names the field and what to write instead.
        """
        return self.open_form(parse_intake_json(data), folder, origin=origin, actor=actor)

    def open_form(self, form: IntakeForm, folder: Path, *, origin: str, actor: str) -> tuple[Referral, bool]:
        """The referral for this form and whether it is new."""
        attachments = [self._keep(folder, name) for name in form.attachments]
        recipient = self._recipient(form.recipient, actor)
        intake = to_intake(form, recipient.id, attachments, origin, self.rules.policy.tiers)
        return open_referral(self.store, self.clock, intake, actor=actor)

    def save_recipient(self, form: RecipientForm, actor: str) -> Recipient:
        """Add an office, or change the one of the same name. A changed fax number is unconfirmed again."""
        with self.store.transaction() as tx:
            return save_by_name(tx, form, self.clock.now(), actor)

    def _recipient(self, asked: int | str | RecipientForm, actor: str) -> Recipient:
        if isinstance(asked, RecipientForm):
            return self._told_in_full(asked, actor)
        with self.store.transaction() as tx:
            found = tx.heir_of(asked) if isinstance(asked, int) else tx.recipient_named(asked)
        if found is None:
            raise InvalidIntake(
                f"recipient: nobody in the directory is called {asked!r}; "
                "add the office with `referloop directory add`, or give its details in place of the name"
            )
        return found

    def _told_in_full(self, form: RecipientForm, actor: str) -> Recipient:
        """A new office is added; a known one is taken as the directory has it, unless the two disagree."""
        with self.store.transaction() as tx:
            known = tx.recipient_named(form.name)
        if known is None:
            return self.save_recipient(form, actor)
        told = form.to_recipient()
        if (told.fax and told.fax != known.fax) or (told.email and told.email != known.email):
            raise InvalidIntake(
                f"recipient: {form.name!r} is in the directory with another number or address; "
                "give its name alone, or change the office first with `referloop directory add`"
            )
        return known

    def _keep(self, folder: Path, name: str) -> Attachment:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise InvalidIntake(f"attachments: {name!r} lies outside the folder of the referral's own file")
        if not path.is_file():
            raise InvalidIntake(f"attachments: there is no file {name!r} beside the referral's own file")
        if path.stat().st_size > LARGEST_BYTES:
            raise InvalidIntake(f"attachments: {name!r} is larger than {LARGEST_BYTES // 2**20} MiB: split it")
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Attachment(self.vault.put_file(path), path.name, media_type)
