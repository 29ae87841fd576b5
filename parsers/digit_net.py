"""The convolutional net that tells digits apart, in plain numpy: glyphs in, probabilities out.

Owns its form: four convolutions with a rectifier, a pool after the second, and two dense layers; an ensemble averaged.
The weights, `models/digits.npz`, are made by `scripts/train_digits.py`.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIZE = 28
"""Pixels of a glyph, across and down."""
LAYERS = ((5, 32, 2, False), (3, 32, 1, True), (3, 64, 1, False), (3, 64, 1, False))
"""Of each convolution: the kernel's size, its maps, its stride, and whether maps are pooled two by two after it."""
HIDDEN = 80
_AT_ONCE = 64  # glyphs: what a convolution unfolds stays within a few megabytes


@dataclass(frozen=True, slots=True)
class Member:
    """Kernels (rows x columns x maps before, maps), then of the dense layers (before, after); their biases."""

    kernels: tuple[Floats, ...]
    biases: tuple[Floats, ...]


@cache
def _model() -> tuple[list[Member], float]:
    """The members, and the power that undoes their smoothed targets."""
    with files("parsers").joinpath("models", "digits.npz").open("rb") as handle:
        arrays = np.load(handle)

        def layers(name: str, member: int) -> tuple[Floats, ...]:
            return tuple(
                np.asarray(arrays[f"{name}_{member}_{layer}"], dtype=np.float32) for layer in range(len(LAYERS) + 2)
            )

        members = [Member(layers("kernel", one), layers("bias", one)) for one in range(int(arrays["members"]))]
        return members, float(arrays["sharpness"])


def tell_apart(glyphs: Floats) -> Floats:
    """Probabilities, n x 10, of n x 28 x 28 glyphs with ink from 0 to 1."""
    members, sharpness = _model()
    parts = [mean_of(members, glyphs[at : at + _AT_ONCE]) for at in range(0, len(glyphs), _AT_ONCE)]
    return sharpened(np.concatenate(parts), sharpness) if parts else np.zeros((0, 10), dtype=np.float32)


def mean_of(members: list[Member], glyphs: Floats) -> Floats:
    """The members' probabilities, averaged."""
    return np.asarray(np.mean([_shares(member, glyphs) for member in members], axis=0), dtype=np.float32)


def sharpened(shares: Floats, sharpness: float) -> Floats:
    """Probabilities raised to a power and shared out again."""
    raised = shares**sharpness
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _shares(member: Member, glyphs: Floats) -> Floats:
    maps = glyphs[..., None].astype(np.float32)
    for kernel, bias, (size, _, stride, is_pooled) in zip(member.kernels, member.biases, LAYERS, strict=False):
        maps = np.maximum(_convolved(maps, kernel, size, stride) + bias, 0)
        if is_pooled:
            maps = _pooled(maps)
    hidden = np.maximum(maps.reshape(len(maps), -1) @ member.kernels[-2] + member.biases[-2], 0)
    scores = hidden @ member.kernels[-1] + member.biases[-1]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)


def _convolved(maps: Floats, kernel: Floats, size: int, stride: int) -> Floats:
    """Maps are n x rows x columns x maps; paper beyond the edge is empty."""
    edge = size // 2
    padded = np.pad(maps, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]  # n, y, x, map, row, column
    unfolded = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel.shape[0])
    return (unfolded @ kernel).reshape(*windows.shape[:3], -1)


def _pooled(maps: Floats) -> Floats:
    count, rows, columns, depth = maps.shape
    return maps.reshape(count, rows // 2, 2, columns // 2, 2, depth).max(axis=(2, 4))
