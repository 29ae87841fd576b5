"""Certificates on file for mail addresses: which will do, and each put there or removed by a person, with its event."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.domain.certificate import Certificate
from gateway.domain.event import Event, EventKind
from gateway.errors import UnusableCertificate
from gateway.services.ports import Clock, Store
from parsers.certificates import addresses, names

_LEAST_BITS = 2048
_MAIL = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(frozen=True, slots=True)
class KeepCertificates:
    """What a person decides, and what whoever sends asks."""

    store: Store
    clock: Clock

    def add(self, data: bytes, address: str, actor: str) -> Certificate:
        """Put a certificate (PEM or DER) on file, in place of an older one of its address.

        Args:
            data: the file.
            address: for whom; may be empty where the certificate is for one address alone.
            actor: who does it.

        Raises:
            UnusableCertificate: nothing can be encrypted for it now, or it is not for this address.
        """
        certificate, now = _parsed(data), self.clock.now()
        if fault := _fault(certificate, now):
            raise UnusableCertificate(fault)
        whose = _address(certificate, address.lower())
        pem = certificate.public_bytes(Encoding.PEM).decode()
        kept = Certificate(whose, pem, certificate.not_valid_after_utc, actor, now)
        detail: dict[str, str | int | float | bool | list[str] | None] = {
            "address": whose,
            "sha256": fingerprint(pem),
            "not_after": kept.not_after.isoformat(),
        }
        with self.store.transaction() as tx:
            tx.save_certificate(kept, Event(EventKind.CERTIFICATE_SAVED, now, actor, detail=detail))
        return kept

    def remove(self, address: str, actor: str) -> None:
        """Forget a certificate: mails to its address go unencrypted again. Raises NotFound."""
        event = Event(EventKind.CERTIFICATE_REMOVED, self.clock.now(), actor, detail={"address": address.lower()})
        with self.store.transaction() as tx:
            tx.remove_certificate(address.lower(), event)

    def everybody(self) -> list[Certificate]:
        """All on file, by address."""
        with self.store.transaction() as tx:
            return tx.certificates()

    def pem_of(self, address: str) -> str:
        """The certificate on file for an address (PEM); empty if there is none."""
        with self.store.transaction() as tx:
            found = tx.certificate_of(address)
        return found.pem if found else ""

    def ended(self) -> list[str]:
        """Which certificates have ended, in words: nothing goes out to their addresses by mail."""
        now = self.clock.now()
        return [one.warning(now) for one in self.everybody() if one.not_after <= now]


def fingerprint(pem: str) -> str:
    """SHA-256 of a certificate, as people compare it by telephone: pairs with colons between."""
    digest = x509.load_pem_x509_certificate(pem.encode()).fingerprint(SHA256())
    return digest.hex(":").upper()


def issuer(pem: str) -> str:
    """Who issued a certificate, in the words of its own."""
    return x509.load_pem_x509_certificate(pem.encode()).issuer.rfc4514_string()


def _parsed(data: bytes) -> x509.Certificate:
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)[0]
        return x509.load_der_x509_certificate(data)
    except (ValueError, IndexError) as error:
        raise UnusableCertificate(
            "this is no certificate: give an X.509 file, PEM or DER (.pem, .crt, .cer)"
        ) from error


def _fault(certificate: x509.Certificate, now: datetime) -> str:
    """Why nothing could be encrypted for it; empty if all is well."""
    if certificate.not_valid_after_utc <= now:
        return f"the certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}: ask for the new one"
    if certificate.not_valid_before_utc > now:
        return f"the certificate begins on {certificate.not_valid_before_utc:%Y-%m-%d}: is this machine's clock right?"
    try:
        key = certificate.public_key()
        usage, purposes = _usage(certificate), _purposes(certificate)
    except (ValueError, UnsupportedAlgorithm):
        return "the certificate is damaged, or its key of a kind that is not known here"
    if not isinstance(key, rsa.RSAPublicKey):
        return "the certificate's key is no RSA key: only for those can be encrypted here; ask for an RSA certificate"
    if key.key_size < _LEAST_BITS:
        return f"the certificate's key has {key.key_size} bits, and fewer than {_LEAST_BITS} protect nothing"
    if usage is not None and not usage.key_encipherment:
        return "the certificate is for signing alone: ask for the one to encrypt with"
    if purposes is not None and not _MAIL & set(purposes):
        return "the certificate is not for mail: ask for the one of the mail address"
    return ""


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _purposes(certificate: x509.Certificate) -> x509.ExtendedKeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _address(certificate: x509.Certificate, wanted: str) -> str:
    known = addresses(certificate)
    if not wanted and len(known) == 1:
        return known[0]
    if not wanted:
        raise UnusableCertificate(f"say with --address for whom it is: {', '.join(known) or 'it names no address'}")
    if not names(certificate, wanted):
        raise UnusableCertificate(f"the certificate is not for {wanted} but for {', '.join(known) or 'no address'}")
    return wanted
