"""The bare numbers of a model's networks, for other libraries."""

import json
import os

from sklearn.utils.validation import check_is_fitted

from layerwise.estimators.fitted_state import Arrays, network_arrays
from layerwise.estimators.mlp import BaseMLP
from layerwise.estimators.table import BaseTable
from layerwise.files.container import write_arrays
from layerwise.network import Network
from layerwise.store.model_files import Model
from layerwise.version import __version__


def export_weights(model: Model, path: str | os.PathLike[str]) -> None:
    """Write all numbers of a model's networks as a bare safetensors file.

    The arrays of a `Network`, of ``MLPClassifier`` and of ``MLPRegressor`` are named "hidden
    1.weights", of shape (fan_in, fan_out), "hidden 1.biases", "output.weights", and so on; those of
    a table's model have "network 1/", "network 2/", ... before their names. "inputs.edges" are
    where the pieces of the numeric inputs begin and end, one input after the other. The metadata
    hold, as JSON under the name "layerwise", the architecture of each network and, of a table's
    model, how much each counts in the average ("weights").

    In PyTorch, which has weights of shape (fan_out, fan_in), a plain network is::

        import json
        import torch
        from safetensors import safe_open
        from safetensors.torch import load_file


        def load_network(path, prefix=""):
            numbers = load_file(path)
            with safe_open(path, framework="pt") as file:
                architecture = json.loads(file.metadata()["layerwise"])["networks"][prefix]
            activations = {
                "relu": torch.nn.ReLU,
                "tanh": torch.nn.Tanh,
                "silu": torch.nn.SiLU,
                "mish": torch.nn.Mish,
                "gelu": torch.nn.GELU,
                "elu": torch.nn.ELU,
                "selu": torch.nn.SELU,
                "sigmoid": torch.nn.Sigmoid,
            }
            depth = len(architecture["sizes"]) - 2
            steps = []
            for i in range(depth + 1):
                name = prefix + (f"hidden {i + 1}" if i < depth else "output")
                weights, biases = numbers[name + ".weights"], numbers[name + ".biases"]
                step = torch.nn.Linear(*weights.shape, dtype=weights.dtype)
                step.weight.data, step.bias.data = weights.T.contiguous(), biases
                steps.append(step)
                if i < depth:
                    steps.append(activations[architecture["activation"][i]]())
            return torch.nn.Sequential(*steps)  # gives scores: before softmax or sigmoid

    A network of a table's model takes what `features` makes of ``model.prepare(table)``::

        def features(path, prefix, x, codes):
            numbers = load_file(path)
            with safe_open(path, framework="pt") as file:
                architecture = json.loads(file.metadata()["layerwise"])["networks"][prefix]
            parts, at = [x], 0
            for i, count in enumerate(architecture["pieces"]):
                if count:
                    edges = numbers[prefix + "inputs.edges"][at : at + count + 1]
                    at += count + 1
                    through = (x[:, i : i + 1] - edges[:-1]) / (edges[1:] - edges[:-1])
                    parts.append((2 * through - 1).clamp(-1, 1))
            for i, entry in enumerate(architecture["embeddings"]):
                if entry.get("one_hot"):
                    known = torch.arange(1, entry["n_values"])
                    parts.append((codes[:, i : i + 1] == known).to(x.dtype))
                else:
                    parts.append(numbers[f"{prefix}codes {i + 1}.embedding"][codes[:, i].long()])
            return torch.cat(parts, dim=1) * numbers[prefix + "inputs.scale"]


        prepared = model.prepare(table)
        x, codes = torch.from_numpy(prepared.x), torch.from_numpy(prepared.codes)
        network = load_network("weights.safetensors", "network 1/")
        scores = network(features("weights.safetensors", "network 1/", x, codes))

    Parameters
    ----------
    model : TableClassifier, TableRegressor, MLPClassifier, MLPRegressor or Network
    path : path

    Raises
    ------
    TypeError
        If it is no such model.
    NotFittedError
        If it has not been fitted.
    ModelFileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from safetensors.numpy import load_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_weights(Network("2-1", seed=0), Path(folder, "net.safetensors"))
    ...     sorted(load_file(Path(folder, "net.safetensors")))
    ['output.biases', 'output.weights']
    """
    networks = _networks_of(model)
    arrays: Arrays = {}
    for prefix, network in networks.items():
        arrays |= network_arrays(network, prefix)
    about = {
        "version": __version__,
        "networks": {
            prefix: json.loads(network.architecture.to_json())
            for prefix, network in networks.items()
        },
    }
    if isinstance(model, BaseTable):
        about["weights"] = model.ensemble_.weights.tolist()
    write_arrays(path, arrays, json.dumps(about))


def _networks_of(model: Model) -> dict[str, Network]:
    """The networks, by what stands before the names of their arrays."""
    if isinstance(model, Network):
        return {"": model}
    if isinstance(model, BaseMLP):
        check_is_fitted(model, "network_")
        return {"": model.network_}
    if isinstance(model, BaseTable):
        check_is_fitted(model, "ensemble_")
        return {f"network {i}/": network for i, network in enumerate(model.networks_, 1)}
    raise TypeError(f"a model of Layerwise or a Network is wanted; got {type(model).__name__}")
