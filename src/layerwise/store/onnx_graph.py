"""An ONNX graph, written node by node."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import helper, numpy_helper

__all__ = ["Graph"]

# Versions of ONNX's operators that every onnxruntime since 1.17 knows, and of the file format.
_OPSET, _ML_OPSET, _IR_VERSION = 20, 4, 9
_ML = "ai.onnx.ml"


class Graph:
    """A graph under construction; each call adds a node and returns the name of its result.

    Parameters
    ----------
    names : iterable of str
        Names that inputs and outputs are to have, which no result in between gets.

    Attributes
    ----------
    described : dict of str to str
        What is to be given to each input.
    typical : dict of str to object
        Such a cell.

    Examples
    --------
    >>> graph = Graph(["x", "y"])
    >>> graph.input("x", "float", 2)
    'x'
    >>> twice = graph("Mul", "x", graph.constant(np.float32(2)))
    >>> graph.output(twice, "y", "float", 2)
    >>> len(graph.model({}).graph.node)
    2
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.described: dict[str, str] = {}
        self.typical: dict[str, object] = {}
        self._taken = set(names)
        self._count = 0
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._known: dict[tuple[object, ...], str] = {}

    def __call__(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; equal ones are added once."""
        key = (operator, inputs, repr(sorted(attributes.items())))
        if key not in self._known:
            name = self._new_name(operator)
            domain = _ML if operator == "LabelEncoder" else ""
            outputs = [name, self._new_name(operator)] if operator == "StringSplit" else [name]
            node = helper.make_node(operator, inputs, outputs, name, domain=domain, **attributes)
            self._nodes.append(node)
            self._known[key] = name
        return self._known[key]

    def constant(self, value: ArrayLike) -> str:
        """Add an array; equal ones are added once."""
        array = np.asarray(value)
        content = tuple(array.ravel()) if array.dtype == object else array.tobytes()
        key = (array.dtype.str, array.shape, content)
        if key not in self._known:
            name = self._new_name("constant")
            self._constants.append(tensor(array, name))
            self._known[key] = name
        return self._known[key]

    def cast(self, name: str, kind: str) -> str:
        """Add a cast to a type that `input` knows."""
        return self("Cast", name, to=_type(kind))

    def joined(self, names: list[str]) -> str:
        """Add columns beside each other."""
        return names[0] if len(names) == 1 else self("Concat", *names, axis=1)

    def input(self, name: str, kind: str, width: int | None, text: str = "") -> str:
        """Add an input of shape (n, width) or (n,), of a type that ONNX calls so in capitals."""
        self.described[name] = text
        self._inputs.append(
            helper.make_tensor_value_info(name, _type(kind), _shape(width), doc_string=text)
        )
        return name

    def output(self, result: str, name: str, kind: str, width: int | None) -> None:
        """Give a result the name of an output, of shape (n, width) or (n,)."""
        self._nodes.append(helper.make_node("Identity", [result], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _type(kind), _shape(width)))

    def model(self, facts: Mapping[str, object], text: str = "") -> onnx.ModelProto:
        """Return the finished model, checked; each fact becomes JSON among its properties."""
        graph = helper.make_graph(
            self._nodes, "layerwise", self._inputs, self._outputs, self._constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_ML, _ML_OPSET)],
            ir_version=_IR_VERSION,
            producer_name="layerwise",
            doc_string=text,
        )
        properties = {name: json.dumps(value, ensure_ascii=False) for name, value in facts.items()}
        helper.set_model_props(model, properties)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _new_name(self, hint: str) -> str:
        self._count += 1
        name = f"{hint} {self._count}"
        while name in self._taken:
            name += "'"
        return name


def _type(kind: str) -> int:
    return int(onnx.TensorProto.DataType.Value(kind.upper()))


def _shape(width: int | None) -> list[str | int]:
    return ["n"] if width is None else ["n", width]


def tensor(array: NDArray[np.generic], name: str) -> onnx.TensorProto:
    """An array, of numbers or of texts, as ONNX has it."""
    if array.dtype == object:
        texts: Any = [str(text).encode() for text in array.ravel()]
        return helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, texts)
    return numpy_helper.from_array(np.asarray(array, order="C"), name)
