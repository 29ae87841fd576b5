"""`ocrmypdf --sidecar`, the usual program for scanned paper; it is found on the PATH and needs ghostscript."""

import subprocess
import tempfile
from pathlib import Path

from bench.engines.answer import Answer, of_text


def read(data: bytes) -> Answer:
    """The sidecar's text, then our fields."""
    with tempfile.TemporaryDirectory(prefix="referloop-bench-") as folder:
        source, text = Path(folder) / "page.tif", Path(folder) / "page.txt"
        source.write_bytes(data)
        options = ("--jobs", "1", "--output-type", "pdf", "--image-dpi", "204", "--quiet", "--sidecar", str(text))
        subprocess.run(["ocrmypdf", *options, str(source), str(source.with_suffix(".pdf"))], check=True, timeout=120)
        return of_text(text.read_text(encoding="utf-8"))
