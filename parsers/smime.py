"""Signed and encrypted mails (S/MIME, RFC 8551): opened with our own keys, their signatures verified.

Owns which mail is seen inside one, and the verdict on each signature. The mail itself is never changed: what was
locked or wrapped is read under the headers that it came with. Vouches for a sender only where the certificate is the
one on file for From, or an authority of the clinic's stands behind it and it names From.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parsers import mail_headers, openssl
from parsers.certificates import addresses, names
from parsers.mail_guard import MailLimits, check_mail
from parsers.options import Smime
from parsers.reading import SignatureCheck, SignatureKind, SignatureResult

_DAY_ENDS = timedelta(hours=36)  # from midnight UTC on, in every zone
_LAYERS = 4  # signed, encrypted, signed again (RFC 2634), and one to spare
_LOCKED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_FILE_NAMES = (".p7m",)
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED = (bytes.fromhex("06092a864886f70d010703"), bytes.fromhex("060b2a864886f70d0109100117"))
_MD5 = bytes.fromhex("06082a864886f70d0205")
_KIND_WITHIN = 64  # the kind of content stands at the very beginning
_FIELD = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|$)")


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail as its reader sees it; `trouble` says why something in it stays locked."""

    data: bytes
    checks: tuple[SignatureCheck, ...] = ()
    was_encrypted: bool = False
    trouble: str = ""


def opened(data: bytes, smime: Smime, written: date | None = None) -> Opened:
    """Take the layers off, outermost first. `data` has passed `check_mail`; so has what comes out.

    Raises:
        LimitExceeded: what is inside may not be parsed.
    """
    mail = Opened(data)
    if not _may_be_smime(data):
        return mail
    at = datetime.combine(written, time(), UTC) + _DAY_ENDS if written else None
    verifier = _Verifier(_sender(data), smime, at)
    for _ in range(_LAYERS):
        try:
            inner = _without_a_layer(mail, verifier)
        except openssl.NoOpenssl as error:
            return replace(mail, trouble=str(error))
        if inner is None or inner.data == mail.data:
            return inner or mail
        check_mail(inner.data, MailLimits())
        mail = inner
    return replace(mail, trouble="the mail is locked more often than is ever honest: open it with care")


def failed_smime(checks: Sequence[SignatureCheck]) -> str:
    """Why the sender is to be doubted, as `smime=fail (…)`; empty where nothing failed."""
    failure = next(
        (one for one in checks if one.kind is SignatureKind.SMIME and one.result is SignatureResult.FAIL), None
    )
    return f"smime=fail ({failure.reason})" if failure else ""


def signer_to_look_up(data: bytes) -> str:
    """The sender whose certificate on file matters for this mail; empty for a mail without S/MIME."""
    return _sender(data) if _may_be_smime(data) else ""


def _may_be_smime(data: bytes) -> bool:
    folded = data.lower()
    return b"pkcs7" in folded or b".p7m" in folded


def _sender(data: bytes) -> str:
    return next(iter(mail_headers.addresses(_header(data), "From")), "").lower()


def _header(data: bytes) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(data)


@dataclass(frozen=True, slots=True)
class _Verifier:
    """Knows whom the mail says it is from, and who vouches for whom; `at` is the end of the day it came."""

    sender: str
    smime: Smime
    at: datetime | None

    def verdict(self, der: bytes, signers: str, sent: str) -> SignatureCheck:
        """What a signature that fits says of the sender, by its signers' certificates and those sent along (PEM)."""
        try:
            found = x509.load_pem_x509_certificates(signers.encode())
            on_file = _loaded(self.smime.on_file.get(self.sender, ""))
            is_known = on_file is not None and any(_key(one) == _key(on_file) for one in found)
        except (ValueError, UnsupportedAlgorithm):
            return self.failed("the signer's certificate is damaged")
        if _MD5 in der:
            return self._check(SignatureResult.UNCHECKED, "the signature is of a kind that can be forged (MD5)")
        if on_file is not None and is_known:
            return self._in_force(on_file)
        vouched = [one for one in found if self._is_vouched_for(one, sent)]
        if not vouched and on_file is not None:
            return self.failed(f"another certificate signed it than the one on file for {self.sender}")
        if not vouched:
            return self._check(SignatureResult.UNCHECKED, "nobody whom the clinic knows vouches for the signer")
        own = next((one for one in vouched if names(one, self.sender)), None)
        return self._in_force(own) if own else self.failed(f"{_owner(vouched[0])} signed it, not the sender")

    def failed(self, reason: str) -> SignatureCheck:
        """A signature that is none."""
        return self._check(SignatureResult.FAIL, reason)

    def _is_vouched_for(self, certificate: x509.Certificate, sent: str) -> bool:
        authorities = self.smime.authorities
        return bool(authorities) and openssl.is_vouched_for(_pem(certificate), sent, authorities, self.at)

    def _in_force(self, certificate: x509.Certificate) -> SignatureCheck:
        at = self.at
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if at is not None and not (begins <= at and at - _DAY_ENDS <= ends):
            return self._check(SignatureResult.UNCHECKED, "the signer's certificate was not in force that day")
        return self._check(SignatureResult.HOLDS, "")

    def _check(self, result: SignatureResult, reason: str) -> SignatureCheck:
        domain, holds = self.sender.rpartition("@")[2], result is SignatureResult.HOLDS
        return SignatureCheck(domain, result, reason, is_senders_own=holds, kind=SignatureKind.SMIME)


def _without_a_layer(mail: Opened, verifier: _Verifier) -> Opened | None:
    """The mail one layer further in, or with the verdict on its signature; None if there is no layer."""
    header = _header(mail.data)
    media_type = header.get_content_type()
    if media_type == "multipart/signed" and _protocol(header) in _SIGNATURES:
        return _beside(mail, header, verifier)
    if not (media_type in _LOCKED or _file_name(header).endswith(_FILE_NAMES)):
        return None
    der = _decoded(message_from_bytes(mail.data, policy=compat32))
    kind = der[:_KIND_WITHIN]
    if _SIGNED_DATA in kind:
        return _unwrapped(mail, der, verifier)
    if any(one in kind for one in _ENVELOPED):
        return _unlocked(mail, der, verifier.smime)
    return replace(mail, trouble="the mail is wrapped in a way that is not known here (S/MIME): look at the original")


def _unlocked(mail: Opened, der: bytes, smime: Smime) -> Opened:
    for own in smime.keys:
        inside = openssl.decrypted(der, own.key, own.certificate)
        if inside is not None:
            return replace(mail, data=_under(mail.data, inside), was_encrypted=True)
    why = "with none of our certificates" if smime.keys else "and mail.smime.key is not set"
    return replace(mail, trouble=f"the mail is encrypted (S/MIME), {why}: ask the sender to send it anew")


def _unwrapped(mail: Opened, der: bytes, verifier: _Verifier) -> Opened:
    found = openssl.verified(der, None)
    if found is None:
        check = verifier.failed("the signature does not fit, or the mail was changed")
        told = "what was signed cannot be taken out: look at the original"
        return replace(mail, checks=(*mail.checks, check), trouble=told)
    inside, signers, sent = found
    check = verifier.verdict(der, signers, sent)
    return replace(mail, data=_under(mail.data, inside), checks=(*mail.checks, check))


def _beside(mail: Opened, header: Message, verifier: _Verifier) -> Opened:
    """The verdict on a signature that stands beside what it signs, which alone is read where it fits."""
    children, signed = _children(mail.data), _first_part(mail.data, header)
    if len(children) != 2 or children[1].get_content_type() not in _SIGNATURES or signed is None:
        check = verifier.failed("the signed mail is not whole, or more was added")
        return replace(mail, checks=(*mail.checks, check))
    der = _decoded(children[1])
    for content in dict.fromkeys((signed, re.sub(rb"\r?\n", b"\r\n", signed))):
        found = openssl.verified(der, content)
        if found is not None:
            check = verifier.verdict(der, found[1], found[2])
            return replace(mail, data=_under(mail.data, signed), checks=(*mail.checks, check))
    check = verifier.failed("the signature does not fit, or the mail was changed")
    return replace(mail, checks=(*mail.checks, check))


def _owner(certificate: x509.Certificate) -> str:
    return next(iter(addresses(certificate)), "somebody without an address")


def _loaded(pem: str) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(pem.encode()) if pem else None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _protocol(header: Message) -> str:
    told = header.get_param("protocol", "")
    return told.lower() if isinstance(told, str) else ""


def _file_name(header: Message) -> str:
    if header.get_content_type() != "application/octet-stream":
        return ""
    try:
        return str(header.get_filename() or "").lower()
    except (ValueError, TypeError, LookupError):
        return ""


def _decoded(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _children(data: bytes) -> list[Message]:
    payload = message_from_bytes(data, policy=compat32).get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _first_part(data: bytes, header: Message) -> bytes | None:
    """The first part with its headers, byte for byte, without the line end that belongs to the delimiter."""
    boundary = header.get_boundary()
    if not boundary:
        return None
    mark = re.escape(b"--" + boundary.encode("utf-8", "surrogateescape"))
    found = re.search(
        rb"(?:\A|\n)" + mark + rb"[ \t]*\r?\n(.*?)\r?\n" + mark + rb"(?:--)?[ \t]*(?:\r?\n|\Z)", data, re.DOTALL
    )
    return found[1] if found else None


def _under(outer: bytes, inside: bytes) -> bytes:
    """The entity that was inside, under the headers the mail came with."""
    kept = b"".join(field for field in _fields(outer) if not field.lower().startswith((b"content-", b"mime-version:")))
    own = b"".join(field for field in _fields(inside) if field.lower().startswith(b"content-"))
    _, end = _head(inside)
    return kept + own + b"MIME-Version: 1.0\r\n\r\n" + inside[end:]


def _head(data: bytes) -> tuple[int, int]:
    """Where the header ends and the body begins."""
    if data.startswith((b"\n", b"\r\n")):
        return 0, 2 if data.startswith(b"\r") else 1
    found = re.search(rb"\r?\n\r?\n", data)
    return (found.start(), found.end()) if found else (len(data), len(data))


def _fields(data: bytes) -> list[bytes]:
    """Each header field with its folds and one line end."""
    end, _ = _head(data)
    head, found, at = data[:end], list[bytes](), 0
    while at < len(head):
        match = _FIELD.match(head, at)
        if match is None or match.end() == at:
            break
        found.append(match[0].rstrip(b"\r\n") + b"\r\n")
        at = match.end()
    return found
