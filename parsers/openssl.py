"""OpenSSL's `cms` and `verify`, which take signed and encrypted mails apart; nobody else starts it.

Everything but the mail itself is handed over in memory, the private key too. What the program says of a stranger's
bytes is not repeated: only whether it did what it was asked.
"""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime

_TIMEOUT_S = 60
_LONGEST_CERTIFICATES = 1 << 20


class NoOpenssl(Exception):
    """The program is not installed, or hung."""


def decrypted(der: bytes, key: str, certificate: str) -> bytes | None:
    """What is inside enveloped data; None if it is not for this key, or was changed so that nothing comes out."""
    with ExitStack() as held:
        shown, secret = held.enter_context(_held(certificate.encode())), held.enter_context(_held(key.encode()))
        return _run(
            ["cms", "-decrypt", "-inform", "DER", "-recip", _at(shown), "-inkey", _at(secret)], der, shown, secret
        )


def verified(der: bytes, content: bytes | None) -> tuple[bytes, str, str] | None:
    """What signed data holds, its signers' certificates, and all that came with it (PEM); None if it does not fit.

    `content` is what was signed, where it stands beside the signature. Nobody vouches for the signers yet.
    """
    with ExitStack() as held:
        signers, all_sent = held.enter_context(_held(b"")), held.enter_context(_held(b""))
        command = ["cms", "-verify", "-inform", "DER", "-binary", "-noverify"]
        command += ["-signer", _at(signers), "-certsout", _at(all_sent)]
        handles = [signers, all_sent]
        if content is not None:
            handles.append(beside := held.enter_context(_held(content)))
            command += ["-content", _at(beside)]
        inside = _run(command, der, *handles)
        return None if inside is None else (inside, _read(signers), _read(all_sent))


def is_vouched_for(certificate: str, others: str, authorities: str, at: datetime | None) -> bool:
    """Whether one of the authorities stands behind a certificate for mail (PEM), by way of others, at that time."""
    with ExitStack() as held:
        anchors, between = held.enter_context(_held(authorities.encode())), held.enter_context(_held(others.encode()))
        command = ["verify", "-purpose", "smimesign", "-partial_chain", "-no-CApath", "-no-CAstore"]
        command += ["-CAfile", _at(anchors)]
        command += ["-untrusted", _at(between)] if others else []
        command += ["-attime", str(int(at.timestamp()))] if at else ["-no_check_time"]
        return _run(command, certificate.encode(), anchors, between) is not None


@contextmanager
def _held(data: bytes) -> Generator[int]:
    """A file in memory."""
    handle = os.memfd_create("referloop-mail")
    try:
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(data)
        yield handle
    finally:
        os.close(handle)


def _at(handle: int) -> str:
    return f"/proc/self/fd/{handle}"


def _read(handle: int) -> str:
    return os.pread(handle, _LONGEST_CERTIFICATES, 0).decode("ascii", "replace")


def _run(command: list[str], told: bytes, *handles: int) -> bytes | None:
    """What the program answers; None where it says no."""
    program = shutil.which("openssl")
    if program is None:
        raise NoOpenssl("OpenSSL is not installed: apt-get install openssl")
    try:
        done = subprocess.run(
            [program, *command], input=told, capture_output=True, pass_fds=handles, timeout=_TIMEOUT_S, check=False
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NoOpenssl(f"OpenSSL did not answer ({type(error).__name__})") from error
    return done.stdout if done.returncode == 0 else None
