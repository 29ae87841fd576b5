"""LibreOffice, which turns a DOCX into a PDF; nobody else starts it."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from outbound.errors import ConverterMissing, UnusableAttachment

_TIMEOUT_S = 90


def to_pdf(data: bytes, name: str) -> bytes:
    """The document as PDF bytes.

    Raises:
        ConverterMissing: LibreOffice is not installed; the message says how to.
        UnusableAttachment: it could not convert the file in time.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise ConverterMissing(
            f"attachment {name!r} is a Word document and LibreOffice is not installed: "
            "apt-get install libreoffice-writer-nogui, or attach it as PDF"
        )
    with tempfile.TemporaryDirectory(prefix="referloop-docx-") as folder:
        source = Path(folder) / "document.docx"
        source.write_bytes(data)
        command = [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            _run(command)
            return source.with_suffix(".pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise UnusableAttachment(
                f"attachment {name!r} could not be turned into pages by LibreOffice: attach it as PDF"
            ) from error


def _run(command: list[str]) -> None:
    """Run to the end or kill the whole family: `soffice` is a script whose children outlive it."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        if process.wait(timeout=_TIMEOUT_S) != 0:
            raise subprocess.SubprocessError(f"LibreOffice ended with {process.returncode}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
