"""An office whose mail program signs, encrypts, verifies and decrypts with OpenSSL: the independent other side."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in a folder."""

    folder: Path
    name: str = "Harbor Trust"

    @classmethod
    def made(cls, folder: Path, name: str = "Harbor Trust") -> "Authority":
        """With a key of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        here = cls(folder, name)
        _openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(here.key), "-out", str(here.certificate),
            "-days", "3650", "-subj", f"/CN={name}",
        )  # fmt: skip
        return here

    @property
    def certificate(self) -> Path:
        """Its own certificate."""
        return self.folder / "authority.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.folder / "authority.key"

    def office(
        self,
        address: str,
        *,
        names: str = "",
        days: int = 365,
        since: str = "",
        usage: str = "digitalSignature,keyEncipherment",
        purpose: str = "emailProtection",
        key: Sequence[str] = ("-newkey", "rsa:2048"),
    ) -> "Correspondent":
        """Somebody with a certificate; `names` in place of the address, as `DNS:direct.example`."""
        number = len(list(self.folder.glob("person-*.pem")))
        stem = self.folder / f"person-{number}"
        wanted, extensions = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        _openssl(
            "req", "-new", *key, "-nodes", "-keyout", f"{stem}.key", "-out", str(wanted), "-subj", "/CN=Front Desk"
        )
        extensions.write_text(
            f"subjectAltName={names or 'email:' + address}\nkeyUsage={usage}\nextendedKeyUsage={purpose}\n"
        )
        command = ["x509", "-req", "-in", str(wanted), "-CA", str(self.certificate), "-CAkey", str(self.key)]
        command += ["-CAcreateserial", "-extfile", str(extensions), "-out", f"{stem}.pem"]
        if since:  # a span in the past: `openssl x509` knows none, `openssl ca` does
            command = _spanned(self, stem, wanted, extensions, since, days)
        else:
            command += ["-days", str(days)]
        _openssl(*command)
        Path(f"{stem}.key").chmod(0o600)
        return Correspondent(address, Path(f"{stem}.pem"), Path(f"{stem}.key"))


def _spanned(own: Authority, stem: Path, wanted: Path, extensions: Path, since: str, days: int) -> list[str]:
    """`since` as YYMMDD."""
    (own.folder / "index.txt").touch()
    config = own.folder / "ca.cnf"
    config.write_text(
        "[ca]\ndefault_ca=it\n[it]\n"
        f"dir={own.folder}\ndatabase={own.folder}/index.txt\nnew_certs_dir={own.folder}\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
    )
    end = f"{int(since[:2]) + days // 365:02d}{since[2:]}"
    return [
        "ca", "-batch", "-config", str(config), "-cert", str(own.certificate), "-keyfile", str(own.key),
        "-in", str(wanted), "-extfile", str(extensions), "-startdate", f"{since}000000Z", "-enddate", f"{end}000000Z",
        "-out", f"{stem}.pem", "-notext",
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A mail address with its certificate and key."""

    address: str
    certificate: Path
    key: Path

    def sign(self, entity: bytes, *, beside: bool = True, digest: str = "sha256") -> bytes:
        """A MIME entity, signed beside its words (multipart/signed) or around them (pkcs7-mime)."""
        command = ["cms", "-sign", "-binary", "-md", digest, "-signer", str(self.certificate), "-inkey", str(self.key)]
        command += [] if beside else ["-nodetach"]
        return _crlf(_openssl(*command, "-outform", "SMIME", told=entity))

    def encrypt(self, entity: bytes, to: Sequence[Path], cipher: str = "aes-256-cbc") -> bytes:
        """Locked for certificates."""
        command = ["cms", "-encrypt", f"-{cipher}", "-binary", "-outform", "SMIME", *[str(one) for one in to]]
        return _crlf(_openssl(*command, told=entity))

    def opened(self, mail: bytes) -> bytes:
        """What is inside a mail locked for this one. Fails if it is not."""
        return _openssl("cms", "-decrypt", "-recip", str(self.certificate), "-inkey", str(self.key), told=mail)


def verified(mail: bytes, authority: Path) -> bytes:
    """What was signed, by somebody whom the authority vouches for. Fails if it was changed."""
    return _openssl("cms", "-verify", "-CAfile", str(authority), "-purpose", "smimesign", told=mail)


def addressed(entity: bytes, sender: str, to: str, message_id: str = "<answer-1@harbor.example>") -> bytes:
    """The mail around an entity."""
    return (
        f"From: Front Desk <{sender}>\r\nTo: {to}\r\nSubject: Re: Referral\r\nMessage-ID: {message_id}\r\n"
    ).encode() + entity


def text_entity(words: str) -> bytes:
    """Plain words as an entity."""
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n".encode()


def _crlf(told: bytes) -> bytes:
    """OpenSSL writes its own lines with bare line feeds; what it signed has whole ones."""
    return told.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _openssl(*command: str, told: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *command], input=told, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
