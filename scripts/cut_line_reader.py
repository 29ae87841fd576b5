"""Cut PP-OCR's line recogniser down to Latin letters: parsers/models/line_reader.onnx, 6 MB of 21.

    pip download --no-deps rapidocr==3.10.0 && unzip rapidocr-*.whl 'rapidocr/models/*rec*'   # needs onnx to run
    python -m scripts.cut_line_reader rapidocr/models/PP-OCRv6_rec_small.onnx parsers/models

The last layer keeps the columns of Latin letters, digits and signs; weights are stored in half precision (outputs
differ by less than 0.001). The model is PaddleOCR's, under the Apache licence: see line_reader.LICENSE beside it.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

_LAST = ("linear_8.w_0", "linear_8.b_0")
_SIGNS = "’§°–—•"
_SMALL = 4096  # values; shapes and biases stay as they are


def _is_kept(char: str) -> bool:
    return len(char) == 1 and (
        33 <= ord(char) < 127 or (0xC0 <= ord(char) <= 0x17F and char.isalpha()) or char in _SIGNS
    )


def _cut_last_layer(model: Any, keep: list[int]) -> None:
    from onnx import numpy_helper

    for value in model.graph.initializer:
        if value.name in _LAST:
            cut = np.ascontiguousarray(numpy_helper.to_array(value)[..., keep])
            value.CopyFrom(numpy_helper.from_array(cut, value.name))


def halve(model: Any) -> None:
    """Store large weights in half precision."""
    from onnx import TensorProto, helper, numpy_helper

    casts: list[Any] = []
    for value in list(model.graph.initializer):
        full = numpy_helper.to_array(value)
        if full.dtype == np.float32 and full.size >= _SMALL:
            half = numpy_helper.from_array(full.astype(np.float16), value.name + "_half")
            model.graph.initializer.remove(value)
            model.graph.initializer.append(half)
            casts.append(helper.make_node("Cast", [half.name], [value.name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)


def main(source: Path, folder: Path) -> None:
    """Write the cut model and its alphabet."""
    import onnx

    model = onnx.load(str(source))
    letters = next(entry.value for entry in model.metadata_props if entry.key == "character").split("\n")
    alphabet = ["", *letters, " "]  # the first is CTC's blank
    keep = [0, *(i for i, char in enumerate(alphabet) if i and _is_kept(char)), len(alphabet) - 1]
    _cut_last_layer(model, keep)
    halve(model)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    del model.graph.value_info[:]
    del model.metadata_props[:]
    onnx.save(model, str(folder / "line_reader.onnx"))
    text = "".join(alphabet[index] for index in keep)
    (folder / "line_reader.txt").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
