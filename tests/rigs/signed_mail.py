"""Mails signed as their domains' own servers sign them, and the key records that go with them."""

import base64
from dataclasses import dataclass, field
from email.message import EmailMessage

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

SIGNED_TEXT = "We have received the referral of Maria Okafor, born 4/23/1961. She is booked for 3/12/2026 at 2:30 pm."


def a_mail(text: str = SIGNED_TEXT, sender: str = "front.desk@harbor.example", to: str = "") -> bytes:
    """An office's answer, as its server sends it."""
    mail = EmailMessage()
    mail["From"] = f"Front Desk <{sender}>"
    mail["To"] = to or "referrals@clinic.example"
    mail["Subject"] = "Re: Referral"
    mail["Message-ID"] = "<answer-1@harbor.example>"
    mail.set_content(text)
    return mail.as_bytes().replace(b"\n", b"\r\n")


@dataclass(slots=True)
class Signer:
    """A domain that signs; `record` is what its name server says."""

    domain: str = "harbor.example"
    selector: str = "s1"
    bits: int = 2048
    is_edwards: bool = False
    _private: bytes = b""
    record: str = field(default="", init=False)

    def __post_init__(self) -> None:
        raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        if self.is_edwards:
            key = ed25519.Ed25519PrivateKey.generate()
            private = key.private_bytes(
                serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
            )
            self._private = base64.b64encode(private)
            self.record = "v=DKIM1; k=ed25519; p=" + base64.b64encode(key.public_key().public_bytes(*raw)).decode()
            return
        rsa_key = rsa.generate_private_key(65537, self.bits)
        self._private = rsa_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        public = rsa_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()

    @property
    def key_name(self) -> str:
        """Where the record stands in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    def sign(self, mail: bytes, *, with_length: bool = False) -> bytes:
        """The mail with a signature on top."""
        header = dkim.sign(
            mail,
            self.selector.encode(),
            self.domain.encode(),
            self._private,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=b"ed25519-sha256" if self.is_edwards else b"rsa-sha256",
            length=with_length,
        )
        return header + mail
