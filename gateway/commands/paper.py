"""`referloop read`, `cover` and `form`: paper without a database."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from config.errors import SettingsError
from config.form import geometry, load_form
from config.load import load_settings
from config.reference import SAMPLE_KEY
from gateway.commands.output import AsJson, failing_clearly, print_json
from gateway.commands.state import Config
from gateway.reading_json import reading_as_json
from outbound.errors import OutboundError


def form(as_json: AsJson = False) -> None:
    """The confirmation form's geometry, in mm from the top left."""
    shape = geometry(load_form())
    if as_json:
        print_json(shape)
        return
    for box in shape["boxes"]:
        typer.echo(f"{box['id']:28} x {box['x']:6.1f}  y {box['y']:6.1f}  {box['w']:.1f} x {box['h']:.1f} mm")


def cover(
    output: Annotated[Path, typer.Option("--output", "-o", help="The PDF to write.")],
    sample: Annotated[int, typer.Option(help="Seed of the invented referral.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Page 1 of a sample packet for an invented referral, as a PDF."""
    from outbound.sample import write_cover_sample

    with failing_clearly(OutboundError):
        made = write_cover_sample(sample, output)
    if as_json:
        print_json(made)
    else:
        typer.echo(f"{output}: the cover page of invented referral {made['referral']['number']}")


def read(
    config: Config,
    files: Annotated[list[Path], typer.Argument(help="PDF, TIFF, image, DOCX or mail files.")],
    as_json: AsJson = False,
) -> None:
    """Read files without touching a database; with --json one object a line."""
    from parsers.options import ReadOptions, pages_at_once
    from parsers.read import read as read_bytes

    options = ReadOptions(keys=_keys(config), pages_at_once=pages_at_once())
    is_bad = False
    for path in files:
        start = time.monotonic()
        try:
            reading = read_bytes(path.read_bytes(), path.name, options)
            line = reading_as_json(str(path), time.monotonic() - start, reading)
        except OSError as error:
            line = {"file": str(path), "seconds": 0.0, "error": f"cannot be opened: {error.strerror}", "documents": []}
        is_bad = is_bad or "error" in line
        if as_json:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            print_json(line)
    if is_bad:
        raise typer.Exit(1)


def _keys(config: Path | None) -> tuple[bytes, ...]:
    """The clinic's key if there is a clinic here, and the key of sample pages."""
    try:
        settings = load_settings(config)
    except SettingsError as error:
        if config is not None:
            sys.stderr.write(f"referloop: {error}\n")
            raise typer.Exit(1) from error
        return (SAMPLE_KEY,)
    return (settings.code_key.get_secret_value().encode(), SAMPLE_KEY)
