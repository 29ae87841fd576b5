"""What test pages bear: the clinic's name and a mark that no other page has."""

import secrets

from config.settings import Settings
from outbound.content import Sender

_DIGITS = 12


def new_mark() -> str:
    """Twelve digits, drawn at random."""
    return "".join(secrets.choice("0123456789") for _ in range(_DIGITS))


def clinic_sender(settings: Settings) -> Sender:
    """The clinic as it stands on a page."""
    clinic = settings.clinic
    name = clinic.name or "A clinic"
    return Sender(name, clinic.address, clinic.phone, clinic.fax_number, clinic.reply_address, clinic.zone)
