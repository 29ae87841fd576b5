"""What a person or a program hands over as if it had come over the line: the envelope it then has."""

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.errors import InvalidIntake
from gateway.services.phone import to_e164


def envelope_by_hand(name: str, content_sha256: str, sender: str) -> Envelope:
    """The same file by hand twice is one document. Raises InvalidIntake for a sender that is no number or address."""
    is_mail = name.lower().endswith(".eml") or "@" in sender
    channel = Channel.EMAIL if is_mail else Channel.FAX if sender else Channel.HAND
    return Envelope(f"hand:{name}:{content_sha256}", channel, sender=_number(sender), name=name)


def _number(sender: str) -> str:
    if not sender or "@" in sender:
        return sender
    try:
        return to_e164(sender)
    except ValueError as error:
        raise InvalidIntake(f"sender: {error}") from error
