"""The web pages: certificate and key, the names on it, and whether the port is ours to take."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from config.settings import WebSettings
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.tls import judge_expiry, now_utc
from gateway.errors import AlreadyRunning
from gateway.lock import only_daemon


@dataclass(frozen=True, slots=True)
class PagesCheck:
    """`data_dir` tells whether the daemon runs, and where it said that its pages are."""

    web: WebSettings
    data_dir: Path
    name: str = "web pages"
    limit_s: float = 20.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Read the files, and knock at the port."""
        tell("looking at certificate and port")
        return await asyncio.to_thread(self._look)

    def _look(self) -> list[Finding]:
        return [*self._tls(), self._port()]

    def _tls(self) -> list[Finding]:
        certificate, key = self.web.tls_certificate, self.web.tls_key
        if certificate is None or key is None:
            return []
        try:
            shown = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        except (OSError, ValueError) as error:
            return [fault(f"web.tls_certificate {certificate} cannot be read ({_why(error)})", _FILE_MEND)]
        try:
            private = load_pem_private_key(key.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            return [fault(f"web.tls_key {key} cannot be read ({_why(error)})", _FILE_MEND)]
        forms = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        if private.public_key().public_bytes(*forms) != shown.public_key().public_bytes(*forms):
            return [
                fault("web.tls_key is the key of another certificate", "name the two files that were issued together")
            ]
        mend = "renew it, and restart the daemon, which reads it at its start"
        return [judge_expiry(shown, "the web page", mend, now_utc()), *_missing_names(shown, self.web.names)]

    def _port(self) -> Finding:
        if is_running(self.data_dir):
            return self._knock()
        if not self.web.port:
            return well("any free port will do")
        family = socket.AF_INET6 if ":" in self.web.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((self.web.host, self.web.port))
            except OSError as error:
                mend = f"stop whatever holds it (ss -ltnp sport = :{self.web.port}), or set another web.port"
                return fault(f"{self.web.host} port {self.web.port} cannot be taken ({error.strerror})", mend)
        return well(f"the daemon does not run; port {self.web.port} is free for it")

    def _knock(self) -> Finding:
        try:
            told = (self.data_dir / "web-address").read_text(encoding="utf-8").strip()
            host, _, port = told.partition("//")[2].strip("/").rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
                return well(f"the daemon runs, and its pages answer at {told}")
        except (OSError, ValueError):
            return doubt(
                "the daemon runs, and its pages do not answer", "is it still starting? journalctl -u referloop"
            )


_FILE_MEND = "name a PEM file that the daemon's user may read"


def is_running(data_dir: Path) -> bool:
    """Whether a daemon serves this folder."""
    try:
        with only_daemon(data_dir):
            return False
    except AlreadyRunning:
        return True
    except OSError:
        return False


def _missing_names(certificate: x509.Certificate, names: Sequence[str]) -> list[Finding]:
    try:
        shown = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        shown = x509.SubjectAlternativeName([])
    known = {name.casefold() for name in shown.get_values_for_type(x509.DNSName)}
    addresses = {str(address) for address in shown.get_values_for_type(x509.IPAddress)}
    return [
        fault(f"the web page's certificate does not name {name}", "have it issued for every name in web.names")
        for name in names
        if not (_is_address(name) and name in addresses) and not _is_named(name.casefold(), known)
    ]


def _is_named(name: str, known: set[str]) -> bool:
    return name in known or f"*.{name.partition('.')[2]}" in known


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _why(error: Exception) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else "no PEM"
