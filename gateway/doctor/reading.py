"""Reading: a page drawn as a fax, read by Tesseract in a process limited as the daemon's are."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from config.vocabulary import Channel
from gateway.doctor.finding import Finding, Tell, fault, well
from gateway.doctor.proof import clinic_sender, new_mark
from gateway.domain.arrival import Envelope
from gateway.errors import WorkerFailed
from gateway.workers import WorkerPool
from outbound.proof_page import bears_mark, proof_page

_MEND = "apt-get install tesseract-ocr tesseract-ocr-eng"


@dataclass(frozen=True, slots=True)
class ReadingCheck:
    """Draws, reads, compares."""

    settings: Settings
    name: str = "reading"
    limit_s: float = 120.0

    async def run(self, tell: Tell) -> list[Finding]:
        """One page."""
        tell("reading a page")
        digits, now = new_mark(), datetime.now(UTC)
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.tiff"
            await asyncio.to_thread(proof_page, clinic_sender(self.settings), digits, now, page)
            keys = (self.settings.code_key.get_secret_value().encode(),)
            try:
                async with WorkerPool.from_settings(self.settings, keys, processes=1) as pool:
                    reading = await pool.read(page, Envelope("doctor", Channel.FAX, name=page.name), now)
            except WorkerFailed as error:
                mend = "are reading.memory_mb and reading.seconds enough, and Python's packages whole (./run --help)?"
                return [fault(f"the reading process failed: {error}", mend)]
        took_s = (datetime.now(UTC) - now).total_seconds()
        if bears_mark([one.text for one in reading.documents], digits):
            return [well(f"a page was read in {took_s:.1f} s, its process's start included")]
        return [fault(f"a page drawn for this could not be read{': ' + reading.error if reading.error else ''}", _MEND)]
