"""One picture a file: JPEG and PNG, from scanners and telephones."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from parsers.errors import DamagedFile
from parsers.raster import Scan, check_pixels


def scan(data: bytes) -> Scan:
    """The picture, upright as its EXIF orientation says, on white where it is transparent.

    Raises:
        DamagedFile: it cannot be decoded.
        LimitExceeded: it has more pixels than we open.
    """
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
            warnings.simplefilter("ignore")
            check_pixels(*image.size, "the picture")
            x_dpi, y_dpi = _claimed_dpi(image)
            is_bilevel = image.mode == "1"
            upright = ImageOps.exif_transpose(image)
            if upright.has_transparency_data:
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
            grey = np.asarray(upright.convert("L"), dtype=np.uint8)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError) as error:
        raise DamagedFile(f"the picture cannot be decoded ({type(error).__name__}): ask for it again") from error
    return Scan(0, grey, x_dpi, y_dpi, is_bilevel)


def _claimed_dpi(image: Image.Image) -> tuple[float, float]:
    """Resolution in the file, but not the 72 or 96 that telephones and screens write without meaning it."""
    x_dpi, y_dpi = image.info.get("dpi", (0.0, 0.0))
    x_dpi, y_dpi = float(x_dpi), float(y_dpi)
    if x_dpi <= 96.5 or y_dpi <= 96.5:
        return 0.0, 0.0
    return x_dpi, y_dpi
