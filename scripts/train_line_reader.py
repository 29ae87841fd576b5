"""Tune the line recogniser on lines of invented print as bad fax lines leave them.

    pip install torch onnx faker        # beside the project's own packages, in an environment of their own
    python -m scripts.train_line_reader parsers/models/line_reader.onnx tuned.onnx --minutes 60

Goes on from what scripts/cut_line_reader.py has cut, or from what an earlier run has tuned. On two idle cores some
35,000 lines an hour. The share of lines read without a mistake is told for families of faces never trained on.
"""

import argparse
import math
import multiprocessing
import random
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from scripts.line_reader.graph import Graph
from scripts.line_reader.strips import Strip, strips

_ALPHABET = Path(__file__).parent.parent / "parsers" / "models" / "line_reader.txt"
_BATCH, _POOL = 16, 256
_STEP = 8  # pixels of a strip that one step of the answer stands for
_WIDEST = 900
_HARDEST = 4.0  # loss a letter: what nobody could read teaches nothing
_WARM_UP, _LAST_RATE = 80, 0.03
_MEMORY = 0.998
_TOLD_EVERY = 20


def _feed(queue: Any, seed: int, alphabet: str) -> None:
    for strip in strips(seed, alphabet):
        steps = strip.pixels.shape[1] / _STEP
        if strip.pixels.shape[1] <= _WIDEST and 2 * len(strip.text) <= 1.9 * steps:
            queue.put(strip)


def _together(lines: list[Strip]) -> torch.Tensor:
    width = max(-(-line.pixels.shape[1] // _STEP) * _STEP for line in lines)
    grey = np.full((len(lines), lines[0].pixels.shape[0], width), 255, np.float32)
    for row, line in zip(grey, lines, strict=True):
        row[:, : line.pixels.shape[1]] = line.pixels
    return torch.from_numpy(np.repeat((grey / 127.5 - 1)[:, None], 3, axis=1)).contiguous(
        memory_format=torch.channels_last
    )


def _loss(net: Graph, lines: list[Strip], alphabet: str) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(_together(lines))
    shares = functional.log_softmax(logits.float(), -1).permute(1, 0, 2)
    steps = torch.tensor([-(-line.pixels.shape[1] // _STEP) for line in lines]).clamp(max=shares.shape[0])
    letters = [torch.tensor([alphabet.index(char) + 1 for char in line.text]) for line in lines]
    counts = torch.tensor([len(one) for one in letters])
    losses = functional.ctc_loss(shares, torch.cat(letters), steps, counts, zero_infinity=True, reduction="none")
    return (losses / counts).clamp(max=_HARDEST).mean()


def _text(logits: torch.Tensor, alphabet: str) -> str:
    best = torch.unique_consecutive(logits.argmax(-1)).tolist()
    return "".join(alphabet[index - 1] for index in best if index).strip()


def _measured(net: Graph, alphabet: str, count: int) -> str:
    """The share of lines in held-out families that are read as printed, for each way of faxing."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    with torch.no_grad():
        for line in islice(strips(999, alphabet, held_out=True), count):
            read = _text(net(_together([line]))[0], alphabet)
            right[line.way].append(read.replace(" ", "") == line.text.replace(" ", ""))
    return ", ".join(f"{way} {sum(each) / len(each):.0%} of {len(each)}" for way, each in sorted(right.items()))


def main(source: Path, target: Path, minutes: float, rate: float, seed: int) -> None:
    """Tune for so many minutes; what is written is the average of the last weights."""
    alphabet = _ALPHABET.read_text(encoding="utf-8").rstrip("\n")
    net, rng = Graph(source), random.Random(seed)
    print("before:", _measured(net, alphabet, 200))
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(600)
    context.Process(target=_feed, args=(queue, seed, alphabet), daemon=True).start()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4, betas=(0.9, 0.98))
    average = {name: value.detach().clone() for name, value in net.named_parameters()}
    pool: list[Strip] = []
    began_at, step, running = time.monotonic(), 0, 0.0
    while (done := (time.monotonic() - began_at) / (60 * minutes)) < 1:
        pool += [queue.get() for _ in range(_POOL - len(pool))]
        pool.sort(key=lambda line: line.pixels.shape[1])
        at = rng.randrange(_POOL - _BATCH)
        lines, pool[at : at + _BATCH] = pool[at : at + _BATCH], []
        cosine = 0.5 * (1 + math.cos(math.pi * done)) * (1 - _LAST_RATE) + _LAST_RATE
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / _WARM_UP) * cosine
        loss = _loss(net, lines, alphabet)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        running += (float(loss) - running) * max(0.02, 1 / step)
        keep = min(_MEMORY, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in net.named_parameters():
                average[name].mul_(keep).add_(value, alpha=1 - keep)
        if step % _TOLD_EVERY == 0:
            print(f"{step * _BATCH} lines, {done:.0%} of the time, loss a letter {running:.3f}", flush=True)
    net.load_state_dict(average, strict=False)
    net.save(target)
    print("after:", _measured(net, alphabet, 200))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    main(given.source, given.target, given.minutes, given.rate, given.seed)
