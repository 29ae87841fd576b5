"""An ONNX graph run by torch, so that its weights can be tuned and written back.

Knows the operators of PP-OCR's line recogniser and no others.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional

from scripts.cut_line_reader import halve

_FEWEST = 8  # values of an initializer that is a weight, not a shape


def _name(name: str) -> str:
    return name.replace(".", "__")


class Graph(torch.nn.Module):
    """`forward` takes lines x 3 x 48 x width, -1 to 1, and gives the logits: lines x steps x classes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.model = onnx.load(str(path))
        _make_whole(self.model.graph)
        graph = self.model.graph
        statistics = {name for node in graph.node if node.op_type == "BatchNormalization" for name in node.input[3:5]}
        self._constants: dict[str, Any] = {}
        self._weights: list[str] = []
        for value in graph.initializer:
            array = numpy_helper.to_array(value).copy()
            if array.dtype == np.float32 and array.size >= _FEWEST and value.name not in statistics:
                self.register_parameter(_name(value.name), torch.nn.Parameter(torch.from_numpy(array)))
                self._weights.append(value.name)
            else:
                self._constants[value.name] = torch.from_numpy(array)
        self._nodes = [
            (
                node.op_type,
                list(node.input),
                node.output[0],
                {a.name: helper.get_attribute_value(a) for a in node.attribute},
            )
            for node in graph.node
        ]
        self._input, self._output = graph.input[0].name, graph.output[0].name

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """The logits, before the last softmax."""
        values = self._constants | {name: getattr(self, _name(name)) for name in self._weights} | {self._input: lines}
        for operator, inputs, output, attributes in self._nodes:
            given = [values[name] if name else None for name in inputs]
            if output == self._output:
                return given[0]
            values[output] = _run(operator, given, attributes)
        raise ValueError("the graph never reaches its output")

    def save(self, path: Path) -> None:
        """Write the graph with the weights as they are now, in half precision."""
        for value in self.model.graph.initializer:
            if value.name in self._weights:
                tuned = getattr(self, _name(value.name)).detach().numpy()
                value.CopyFrom(numpy_helper.from_array(tuned, value.name))
        halve(self.model)
        onnx.save(self.model, str(path))


def _make_whole(graph: Any) -> None:
    """Weights stored in half precision, each behind a cast, in full precision and without it."""
    halves = {value.name: value for value in graph.initializer}
    for node in list(graph.node):
        if node.op_type == "Cast" and node.input[0] in halves:
            half = halves[node.input[0]]
            graph.initializer.append(
                numpy_helper.from_array(numpy_helper.to_array(half).astype(np.float32), node.output[0])
            )
            graph.initializer.remove(half)
            graph.node.remove(node)


_SIMPLE: dict[str, Any] = {
    "Identity": lambda x: x,
    "Add": torch.add,
    "Mul": torch.mul,
    "Div": torch.div,
    "Sub": torch.sub,
    "Pow": torch.pow,
    "Sqrt": torch.sqrt,
    "Erf": torch.erf,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "MatMul": torch.matmul,
    "Shape": lambda x: torch.tensor(x.shape, dtype=torch.int64),
}


def _run(operator: str, given: list[Any], named: dict[str, Any]) -> Any:
    if operator in _SIMPLE:
        return _SIMPLE[operator](*given)
    return _WITH_ATTRIBUTES[operator](given, named)


def _at_axes(x: Any, axes: Any, change: Any) -> Any:
    for axis in axes:
        x = change(x, axis)
    return x


def _slice(given: list[Any], _: dict[str, Any]) -> Any:
    x = given[0]
    starts, ends = given[1].tolist(), given[2].tolist()
    axes = given[3].tolist() if len(given) > 3 and given[3] is not None else range(len(starts))
    for start, end, axis in zip(starts, ends, axes, strict=True):
        size = x.shape[axis]
        first, until = (at + size if at < 0 else at for at in (start, min(end, size)))
        x = x.narrow(axis, first, until - first)
    return x


def _reshape(given: list[Any], _: dict[str, Any]) -> Any:
    sizes = [int(size) for size in given[1]]
    return given[0].reshape([given[0].shape[at] if size == 0 else size for at, size in enumerate(sizes)])


def _normalise(given: list[Any], named: dict[str, Any]) -> Any:
    x, weight, bias, mean, variance = given
    return functional.batch_norm(x, mean, variance, weight, bias, False, 0, named.get("epsilon", 1e-5))


def _windows(given: list[Any], named: dict[str, Any], fill: float = 0.0) -> tuple[Any, Any, Any]:
    """The input padded, the kernel's sizes and the strides."""
    x = given[0]
    kernel = named.get("kernel_shape") or list(given[1].shape[2:])
    strides = named.get("strides", [1, 1])
    top, left, foot, right = named.get("pads", [0, 0, 0, 0])
    if named.get("auto_pad") == b"SAME_UPPER":
        down, across = (
            max((-(-size // stride) - 1) * stride + span - size, 0)
            for size, stride, span in zip(x.shape[2:], strides, kernel, strict=True)
        )
        top, foot, left, right = down // 2, down - down // 2, across // 2, across - across // 2
    return functional.pad(x, (left, right, top, foot), value=fill), kernel, strides


def _convolve(given: list[Any], named: dict[str, Any]) -> Any:
    x, _, strides = _windows(given, named)
    bias = given[2] if len(given) > 2 else None
    return functional.conv2d(x, given[1], bias, strides, 0, named.get("dilations", [1, 1]), named.get("group", 1))


_WITH_ATTRIBUTES: dict[str, Any] = {
    "AveragePool": lambda given, named: functional.avg_pool2d(*_windows(given, named)),
    "BatchNormalization": _normalise,
    "Concat": lambda given, named: torch.cat([torch.as_tensor(one) for one in given], dim=named["axis"]),
    "Conv": _convolve,
    "HardSigmoid": lambda given, named: torch.clamp(given[0] * named.get("alpha", 0.2) + named.get("beta", 0.5), 0, 1),
    "MaxPool": lambda given, named: functional.max_pool2d(*_windows(given, named, float("-inf"))),
    "ReduceMean": lambda given, named: given[0].mean(tuple(named["axes"]), keepdim=bool(named.get("keepdims", 1))),
    "Reshape": _reshape,
    "Slice": _slice,
    "Softmax": lambda given, named: torch.softmax(given[0], dim=named["axis"]),
    "Squeeze": lambda given, named: _at_axes(given[0], sorted(named["axes"], reverse=True), torch.Tensor.squeeze),
    "Transpose": lambda given, named: given[0].permute(*named["perm"]),
    "Unsqueeze": lambda given, named: _at_axes(given[0], named["axes"], torch.Tensor.unsqueeze),
}
