"""What a server shows when TLS begins: whose certificate it is, who vouches for it, and how long it is good.

Looks twice: first as the daemon will, refusing what cannot be trusted; and then without any trust, to say why.
"""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gateway.doctor.finding import Finding, doubt, fault, well

_SOON = timedelta(days=21)
_TIMEOUT_S = 10.0
_LONGEST_LINE_BYTES = 8192
_EXPIRED, _NOT_YET, _NO_ISSUER = {10}, {9}, {2, 18, 19, 20, 21}
_WRONG_NAME = {62, 64}


@dataclass(frozen=True, slots=True)
class TlsPeer:
    """A server, and how to bring it to TLS: "tls" at once, "starttls" by the words of its protocol."""

    host: str
    port: int
    security: str
    protocol: str  # imap, smtp or https
    ca_file: Path | None
    setting: str  # the section that names it, for the fix


def look_at(peer: TlsPeer, now: datetime) -> list[Finding]:
    """Whether it can be trusted. Blocking, within some seconds. A server that is not there says so elsewhere."""
    try:
        context = ssl.create_default_context(cafile=peer.ca_file)
    except OSError as error:
        mend = f"correct {peer.setting}.ca_file, or leave it empty for the system's authorities"
        return [fault(f"{peer.setting}.ca_file {peer.ca_file} cannot be used ({error.strerror})", mend)]
    try:
        return [_expiry(_certificate(peer, context), peer, now)]
    except ssl.SSLCertVerificationError as error:
        return [_untrusted(error, peer, now)]
    except ssl.SSLError as error:
        mend = f"check {peer.setting}.port and .security: is that port a TLS one?"
        return [fault(f"{peer.host}:{peer.port} does not begin TLS ({error.reason or 'no TLS'})", mend)]
    except OSError:
        return []


def judge_expiry(certificate: x509.Certificate, whose: str, mend: str, now: datetime) -> Finding:
    """How long it is good."""
    left = certificate.not_valid_after_utc - now
    until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    if left <= timedelta(0):
        return fault(f"{whose}'s certificate expired on {until}", mend)
    if certificate.not_valid_before_utc > now:
        return fault(f"{whose}'s certificate is good only from {certificate.not_valid_before_utc:%Y-%m-%d} on", mend)
    if left < _SOON:
        return doubt(f"{whose}'s certificate expires in {left.days} days, on {until}", mend)
    return well(f"{whose}'s certificate is good until {until}")


def _expiry(der: bytes, peer: TlsPeer, now: datetime) -> Finding:
    mend = "renew it on the server, or tell whoever keeps it"
    return judge_expiry(x509.load_der_x509_certificate(der), peer.host, mend, now)


def _untrusted(error: ssl.SSLCertVerificationError, peer: TlsPeer, now: datetime) -> Finding:
    code = error.verify_code
    if code in _EXPIRED | _NOT_YET:
        return _expiry(_certificate(peer, _trusting()), peer, now)
    if code in _WRONG_NAME:
        names = ", ".join(_names(x509.load_der_x509_certificate(_certificate(peer, _trusting()))))
        mend = f"write one of those names as {peer.setting}.host, if they are your server's"
        return fault(f"{peer.host}'s certificate is for {names or 'nobody'}", mend)
    if code in _NO_ISSUER:
        mend = f"if the server is your own, put its authority's certificate into a file and name it in {peer.setting}."
        return fault(f"nobody whom this machine trusts vouches for {peer.host}'s certificate", f"{mend}ca_file")
    return fault(f"{peer.host}'s certificate is not trusted: {error.verify_message}", "have its keeper look at it")


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def _trusting() -> ssl.SSLContext:
    """For a look only: nothing is said over a connection that was made with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _certificate(peer: TlsPeer, context: ssl.SSLContext) -> bytes:
    with socket.create_connection((peer.host, peer.port), timeout=_TIMEOUT_S) as plain:
        if peer.security == "starttls":
            _ask_for_tls(plain, peer.protocol)
        with context.wrap_socket(plain, server_hostname=peer.host) as secured:
            return secured.getpeercert(binary_form=True) or b""


def _ask_for_tls(plain: socket.socket, protocol: str) -> None:
    with plain.makefile("rb") as answers:
        read: Callable[[], bytes] = lambda: answers.readline(_LONGEST_LINE_BYTES)  # noqa: E731
        if protocol == "imap":
            read()
            plain.sendall(b"a STARTTLS\r\n")
            while (line := read()) and not line.startswith(b"a "):
                continue
            is_agreed = line.startswith(b"a OK")
        else:
            _reply(read)
            plain.sendall(b"EHLO doctor.invalid\r\n")
            _reply(read)
            plain.sendall(b"STARTTLS\r\n")
            is_agreed = _reply(read).startswith(b"220")
    if not is_agreed:
        raise OSError("no STARTTLS")


def _reply(read: Callable[[], bytes]) -> bytes:
    """The last line of an SMTP reply."""
    while (line := read())[3:4] == b"-":
        continue
    return line


def now_utc() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
