"""Mail signed with the mailbox's own key, and encrypted where the recipient's certificate is on file (RFC 8551).

Owns the two wrappings, signing first. Refuses to send in the clear, or with a certificate that has ended, where a
certificate is on file: what was promised to be locked stays here until a person decides.
"""

import base64
import secrets
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from outbound.errors import CertificateEnded, OwnCertificateEnded

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CertificateOf = Callable[[str], str]
"""The certificate on file for a mail address (PEM), or an empty text."""


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """What a mailbox signs with; `others` are its issuers' certificates, sent along."""

    certificate: x509.Certificate
    key: SigningKey = field(repr=False)
    others: Sequence[x509.Certificate] = ()


@dataclass(frozen=True, slots=True)
class Smime:
    """One mailbox's wrappings."""

    certificate_of: CertificateOf
    own: OwnSignature | None = None

    def wrapped(self, entity: bytes, to: str, at: datetime) -> bytes:
        """A MIME entity with CRLF line ends, signed and locked as far as the clinic can; as it was where it cannot.

        Raises:
            OwnCertificateEnded: the mailbox's own certificate is not in force.
            CertificateEnded: the recipient's is not, or nothing can be encrypted for it.
        """
        if self.own is not None:
            entity = _signed(entity, self.own, at)
        pem = self.certificate_of(to)
        return _locked(entity, pem, to, at) if pem else entity


def _signed(entity: bytes, own: OwnSignature, at: datetime) -> bytes:
    if not own.certificate.not_valid_before_utc <= at < own.certificate.not_valid_after_utc:
        until = f"{own.certificate.not_valid_after_utc:%Y-%m-%d}"
        raise OwnCertificateEnded(
            f"our own certificate (mail.smime.certificate) ended on {until}: put the new one there"
        )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity).add_signer(own.certificate, own.key, SHA256())
    for other in own.others:
        builder = builder.add_certificate(other)
    detached = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    mark = f"signed-{secrets.token_hex(16)}".encode()
    return b"\r\n".join(
        (
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";',
            b' micalg=sha-256; boundary="' + mark + b'"',
            b"",
            b"--" + mark,
            entity,
            b"--" + mark,
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
            b"",
            _base64(detached),
            b"--" + mark + b"--",
            b"",
        )
    )


def _locked(entity: bytes, pem: str, to: str, at: datetime) -> bytes:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
            until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
            raise CertificateEnded(
                f"the certificate on file for {to} ended on {until}: `referloop certificate add` the new one, or "
                f"`referloop certificate remove {to}` to write unencrypted"
            )
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity).add_recipient(certificate)
        sealed = builder.set_content_encryption_algorithm(AES256).encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateEnded(
            f"nothing can be encrypted with the certificate on file for {to}: ask for another"
        ) from error
    return b"\r\n".join(
        (
            b"MIME-Version: 1.0",
            b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7m"',
            b"",
            _base64(sealed),
            b"",
        )
    )


def _base64(data: bytes) -> bytes:
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76)).encode()
