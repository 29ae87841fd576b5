"""The clinic's own certificates and keys for mail (S/MIME): from files to what signs and to what opens."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_key

from config.errors import SettingsError
from config.settings import Settings
from config.smime_settings import SmimeSettings
from gateway.mailboxes import Mailbox, mailboxes
from outbound.smime import CertificateOf, OwnSignature, SigningKey, Smime
from parsers.options import OpeningKey
from parsers.options import Smime as SmimeOfReader

_SOON = timedelta(days=7)


def smime_of(box: Mailbox, certificate_of: CertificateOf) -> Smime:
    """What wraps a mailbox's outgoing mails. Raises SettingsError."""
    own = own_signature(box.smime) if box.smime.sign else None
    return Smime(certificate_of, own)


def own_signature(smime: SmimeSettings) -> OwnSignature | None:
    """The certificate and key that the settings name; None without.

    Raises:
        SettingsError: a file cannot be used, lies open, or the two do not belong together.
    """
    if smime.certificate is None or smime.key is None:
        return None
    certificates, key = _certificates(smime.certificate), _key(smime.key)
    if not _belong(certificates[0], key):
        raise SettingsError(f"mail.smime.key: {smime.key} is the key of another certificate than {smime.certificate}")
    return OwnSignature(certificates[0], key, certificates[1:])


def smime_of_reader(settings: Settings) -> SmimeOfReader:
    """What opens the mails that come in, to whichever mailbox. Raises SettingsError."""
    keys, authorities = list[OpeningKey](), list[str]()
    for box in mailboxes(settings):
        keys += _opening(box.smime)
        if box.smime.authorities is not None:
            authorities += [_pem(one) for one in _certificates(box.smime.authorities)]
    return SmimeOfReader(tuple(dict.fromkeys(keys)), "".join(dict.fromkeys(authorities)))


def own_ends(settings: Settings) -> dict[str, datetime]:
    """When the certificate of each address that signs ends. Raises SettingsError."""
    boxes = [box for box in mailboxes(settings) if box.smime.sign]
    signing = {box.from_address: own_signature(box.smime) for box in boxes}
    return {address: own.certificate.not_valid_after_utc for address, own in signing.items() if own is not None}


def end_notices(ends: Mapping[str, datetime], now: datetime) -> list[str]:
    """What is to be said of own certificates that have ended, or soon do."""
    said: list[str] = []
    for address, end in ends.items():
        if end <= now:
            said.append(
                f"our certificate of {address} ended on {end:%Y-%m-%d}: packets wait for the new one (mail.smime)"
            )
        elif end - now <= _SOON:
            said.append(f"our certificate of {address} ends on {end:%Y-%m-%d}: have it renewed (mail.smime)")
    return said


def _opening(smime: SmimeSettings) -> Iterator[OpeningKey]:
    if (own := own_signature(smime)) is not None:
        yield _opening_key(own.certificate, own.key)
    for file in smime.former:
        certificate, key = _certificates(file)[0], _key(file)
        if not _belong(certificate, key):
            raise SettingsError(f"mail.smime.former: {file} holds a certificate and the key of another")
        yield _opening_key(certificate, key)


def _opening_key(certificate: x509.Certificate, key: SigningKey) -> OpeningKey:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return OpeningKey(_pem(certificate), pem)


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise SettingsError(f"mail.smime: {file} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SettingsError(f"mail.smime: {file} holds no certificate in PEM form") from error


def _key(file: Path) -> SigningKey:
    try:
        if file.stat().st_mode & 0o007:
            raise SettingsError(f"mail.smime: everybody may read the key in {file}: chmod 600 {file}")
        key = load_key(file.read_bytes(), None)
    except OSError as error:
        raise SettingsError(f"mail.smime: {file} cannot be read ({error.strerror})") from error
    except TypeError as error:
        raise SettingsError(f"mail.smime: the key in {file} has a passphrase: openssl pkey takes it off") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"mail.smime: {file} holds no private key in PEM form") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SettingsError(f"mail.smime: {file} holds no RSA or elliptic-curve key: mail programs know no other")
    return key


def _belong(certificate: x509.Certificate, key: SigningKey) -> bool:
    of_key = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == of_key


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
