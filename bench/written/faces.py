"""The faces letters are set in: Debian's free fonts, and what to install where they are missing."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

PACKAGES = (
    "fonts-liberation fonts-dejavu fonts-freefont-ttf fonts-crosextra-carlito fonts-crosextra-caladea fonts-lato "
    "fonts-open-sans fonts-roboto"
)
_ROOT = Path("/usr/share/fonts/truetype")
_FILES = {
    "Liberation Sans": ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf"),
    "Liberation Serif": ("liberation/LiberationSerif-Regular.ttf", "liberation/LiberationSerif-Bold.ttf"),
    "Liberation Mono": ("liberation/LiberationMono-Regular.ttf", "liberation/LiberationMono-Bold.ttf"),
    "DejaVu Sans": ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    "DejaVu Serif": ("dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf"),
    "DejaVu Mono": ("dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSansMono-Bold.ttf"),
    "Free Sans": ("freefont/FreeSans.ttf", "freefont/FreeSansBold.ttf"),
    "Free Serif": ("freefont/FreeSerif.ttf", "freefont/FreeSerifBold.ttf"),
    "Free Mono": ("freefont/FreeMono.ttf", "freefont/FreeMonoBold.ttf"),
    "Carlito": ("crosextra/Carlito-Regular.ttf", "crosextra/Carlito-Bold.ttf"),
    "Caladea": ("crosextra/Caladea-Regular.ttf", "crosextra/Caladea-Bold.ttf"),
    "Lato": ("lato/Lato-Regular.ttf", "lato/Lato-Bold.ttf"),
    "Open Sans": ("open-sans/OpenSans-Regular.ttf", "open-sans/OpenSans-Bold.ttf"),
    "Roboto": ("roboto/unhinted/RobotoTTF/Roboto-Regular.ttf", "roboto/unhinted/RobotoTTF/Roboto-Bold.ttf"),
}
_FEWEST = 10


@dataclass(frozen=True, slots=True)
class Face:
    """A regular and a bold cut."""

    name: str
    regular: Path
    bold: Path

    def at(self, points: float, dpi: float, *, is_bold: bool = False) -> ImageFont.FreeTypeFont:
        """The face in a size, for drawing at so many dots an inch."""
        return _loaded(self.bold if is_bold else self.regular, round(points * dpi / 72))


@cache
def _loaded(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), pixels)


def faces() -> list[Face]:
    """Every face that is installed.

    Raises:
        SystemExit: fewer than ten are, and how to have them.
    """
    found = [
        Face(name, _ROOT / regular, _ROOT / bold)
        for name, (regular, bold) in _FILES.items()
        if (_ROOT / regular).is_file() and (_ROOT / bold).is_file()
    ]
    if len(found) < _FEWEST:
        raise SystemExit(f"only {len(found)} of {len(_FILES)} faces are installed: apt-get install {PACKAGES}")
    return found
