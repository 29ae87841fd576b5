"""What a carrier must know of a fax before it takes it."""

import io


def count_pages(tiff: bytes) -> int:
    """Pages of a fax. Raises ValueError if it is not a TIFF with whole pages."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(tiff), formats=["TIFF"]) as image:
            return int(getattr(image, "n_frames", 1))
    except (OSError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a TIFF with whole pages ({error})") from error
