"""What can go wrong in the daemon. Every message says what happened, to what, and what to do."""

from collections.abc import Mapping


class ReferloopError(Exception):
    """Root of the daemon's errors; the CLI prints the message and exits with 1."""


class IllegalTransition(ReferloopError):
    """A referral cannot go from where it is to where it was sent: reload it and look again."""


class StaleRow(ReferloopError):
    """Someone else changed the row first: reload it and try again."""


class NotFound(ReferloopError):
    """Nothing has that number or id: check it for a slip of the pen."""


class InvalidIntake(ReferloopError):
    """A referral or recipient that cannot be accepted; names the field and what is wrong with it.

    `faults` says the same by field (`patient.birth_date`), for whoever shows each beside its field.
    """

    def __init__(self, message: str, faults: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.faults: Mapping[str, str] = faults or {}


class BrokenChain(ReferloopError):
    """An event was changed or removed after it was written: restore from backup and investigate."""


class StorageFailed(ReferloopError):
    """Bytes could not be made durable; the source has not been told, so nothing is lost."""


class Quarantined(NotFound):
    """A virus scanner found something in the document: it is neither opened nor handed over; a manager discards it."""


class WorkerFailed(ReferloopError):
    """A reading or packet process died, hung or passed a limit; the message says which limit."""


class AlreadyRunning(ReferloopError):
    """Another daemon holds this data folder: stop it first."""


class AddressTaken(ReferloopError):
    """The web page's port is held by another program: stop that, or choose another port."""


class NotSaid(ReferloopError):
    """Something a person must say is missing or out of range; names it, in words for that person."""


class PersonRefused(ReferloopError):
    """An account cannot be made or changed like this; says why, in words for the person who asked."""


class ProviderFailed(ReferloopError):
    """The identity provider does not answer, or its word does not hold: try again, or log in with a password."""


class UnusableCertificate(ReferloopError):
    """Nothing can be encrypted with a certificate, or it is not for that address; says why."""


class TlsUnusable(ReferloopError):
    """The web page's certificate or key cannot be used: see web.tls_certificate and web.tls_key."""
