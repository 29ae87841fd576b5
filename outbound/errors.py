"""What can go wrong on the way out. Expected carrier outcomes are values, not these."""


class OutboundError(Exception):
    """Root of this package's errors; the message is shown to staff."""


class UnusableAttachment(OutboundError):
    """An attachment cannot become pages: replace it with a PDF, TIFF, JPEG or PNG."""


class ConverterMissing(OutboundError):
    """A DOCX needs LibreOffice, which is not installed: install it or attach a PDF."""


class CarrierMisconfigured(OutboundError):
    """The carrier's settings cannot work: the message names the key and the fix."""


class CarrierTrouble(OutboundError):
    """Root of what goes wrong between us and a carrier's server; the message holds no number and no name."""


class CarrierUnreachable(CarrierTrouble):
    """No connection: nothing was sent. Look at the network, the host in the settings, the carrier's status page."""


class CarrierSilent(CarrierTrouble):
    """The request went out and no usable answer came: it may have been carried out."""


class CarrierBusy(CarrierTrouble):
    """The carrier asks for patience and did nothing."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CarrierRefused(CarrierTrouble):
    """The carrier understood and says no: the key, the account's balance or the request. `status` is HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class FileRefused(CarrierTrouble):
    """A received fax that we will not fetch: it lies at a strange host, or is larger than a fax can be."""


class AccessRefused(OutboundError):
    """The provider of a mail account gives us no tokens (any more): `referloop mail login`, or look at mail.oauth."""


class AccessUnavailable(OutboundError):
    """The provider of a mail account cannot be asked now; the grant may be as good as before."""


class CertificateEnded(OutboundError):
    """Mail to an address is to be encrypted and cannot be: put the office's new certificate on file."""


class OwnCertificateEnded(OutboundError):
    """The clinic's own certificate for mail is not in force: have it renewed and name it in mail.smime."""
