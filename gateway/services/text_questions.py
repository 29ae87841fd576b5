"""What of a transaction text messages are made of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from gateway.domain.event import Event
from gateway.domain.text_message import Reply, TextConsent, TextMessage, TextState


class TextTransaction(Protocol):
    """Messages, consents, opt-outs and replies."""

    def intend_text(self, text: TextMessage, event: Event) -> TextMessage | None:
        """Keep it to be sent; None if one with its key is there already, which then stays as it is."""
        ...

    def text(self, text_id: int) -> TextMessage:
        """By id. Raises NotFound."""
        ...

    def texts_of(self, referral_id: int) -> list[TextMessage]:
        """Of one referral, oldest first."""
        ...

    def texts_due(self, at: datetime, limit: int = 50) -> list[TextMessage]:
        """Intended, their time has come, not leased."""
        ...

    def texts_in(self, states: Iterable[TextState], limit: int = 500) -> list[TextMessage]:
        """In these states, oldest first."""
        ...

    def text_under(self, carrier_reference: str) -> TextMessage | None:
        """The one that the carrier knows by this reference."""
        ...

    def lease_text(self, text_id: int, at: datetime, until: datetime) -> TextMessage | None:
        """Claim an intended one; None if somebody else has it."""
        ...

    def save_text(self, text: TextMessage, expected: TextState, event: Event | None) -> None:
        """Write back if its state is still `expected`. Raises StaleRow."""
        ...

    def keep_consent(self, consent: TextConsent, event: Event) -> None:
        """The consent for its referral, in place of an earlier one."""
        ...

    def text_consent(self, referral_id: int) -> TextConsent | None:
        """Whether the patient agreed, and how."""
        ...

    def consents_of(self, phone: str) -> list[TextConsent]:
        """Every consent given for a number, newest first."""
        ...

    def has_opted_out(self, phone: str) -> bool:
        """Whether whoever has this number wants no message."""
        ...

    def opt_out(self, phone: str, at: datetime) -> None:
        """No message to this number any more."""
        ...

    def opt_in(self, phone: str) -> None:
        """Messages to this number may go again."""
        ...

    def keep_reply(self, carrier_reference: str, phone: str, meaning: Reply, at: datetime) -> bool:
        """Remember a received message; False if it was taken before."""
        ...
