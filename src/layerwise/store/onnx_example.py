"""A program that feeds an ONNX graph of this package, written out."""

import json
import os

import onnx

_PROGRAM = """\
import numpy as np
import onnxruntime

rows = {{
{rows}
}}
dtypes = {{{dtypes}}}

session = onnxruntime.InferenceSession({path!r})
feed = {{
    node.name: np.array(rows[node.name], dtypes[node.type]){as_columns}
    for node in session.get_inputs()
}}
for node, values in zip(session.get_outputs(), session.run(None, feed)):
    print(node.name, values)
"""
_DTYPES = {"float": "np.float32", "double": "np.float64", "string": "object", "bool": "np.bool_"}


def feeding_example(path: str | os.PathLike[str]) -> str:
    """Write a program in Python that gives an exported graph a typical row, and prints what comes.

    Parameters
    ----------
    path : path
        What `export_onnx` wrote.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from layerwise import Network
    >>> from layerwise.store.onnx import export_onnx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx(Network("3-4-1", seed=0), Path(folder, "net.onnx"))
    ...     print(feeding_example(Path(folder, "net.onnx")))  # doctest: +ELLIPSIS
    import numpy as np
    import onnxruntime
    <BLANKLINE>
    rows = {
        "x": [[0.0, 0.0, 0.0]],
    }
    dtypes = {"tensor(float)": np.float32}
    ...
    """
    model = onnx.load(os.fspath(path))
    facts = {fact.key: json.loads(fact.value) for fact in model.metadata_props}
    typical = facts.get("typical")  # not there of a network, whose inputs are matrices
    rows, dtypes, n_dimensions = [], {}, 2
    for node in model.graph.input:
        tensor = node.type.tensor_type
        kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
        n_dimensions = len(tensor.shape.dim)
        if typical is None:
            cell: object = [0 if kind == "int64" else 0.0] * tensor.shape.dim[1].dim_value
        else:
            cell = typical[node.name]
            if isinstance(cell, float) and kind not in {"float", "double", "float16"}:
                cell = bool(cell) if kind == "bool" else round(cell)
        rows.append(f"    {json.dumps(node.name, ensure_ascii=False)}: [{cell!r}],")
        dtypes[f"tensor({kind})"] = _DTYPES.get(kind, f"np.{kind}")
    of_kinds = ", ".join(f'"{kind}": {dtype}' for kind, dtype in dtypes.items())
    if typical is not None:
        rows.insert(0, '    # Or a data frame. Of a missing cell: float("nan"), of a text "".')
    as_columns = ".reshape(-1, 1)" if typical is not None and n_dimensions == 2 else ""
    return _PROGRAM.format(
        rows="\n".join(rows), dtypes=of_kinds, path=str(path), as_columns=as_columns
    )
