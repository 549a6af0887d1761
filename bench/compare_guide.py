"""What the guide says to those who come from PyTorch or Keras, done: its blocks run as they stand.

make test-torch
"""

from __future__ import annotations

import ast
import copy
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported

import torch
from torch import Tensor, nn

from layerwise import AdamW, Network, Trainer

torch.set_num_threads(1)

DOCS = Path(__file__).parents[1] / "docs"
sys.path.append(str(DOCS / "_ext"))

from running import Block, Page  # noqa: E402

FENCE = re.compile(r"^```(?:\{run\}|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def sections() -> dict[str, dict[str, Any]]:
    """By heading, what the names stand for after all of the page's blocks up to its end."""
    page, after = Page(), {}
    for part in (DOCS / "coming-from.md").read_text("utf-8").split("\n## ")[1:]:
        for code in FENCE.findall(part):
            page.run(Block("run", re.sub(r"^:.*\n", "", code)))
        after[part.splitlines()[0]] = {"blocks": FENCE.findall(part), **page.names}
    page.close()
    return after


@pytest.fixture(scope="module")
def pytorch(sections) -> dict[str, Any]:
    return sections["PyTorch"]


@pytest.fixture(scope="module")
def keras(sections) -> dict[str, Any]:
    return sections["Keras"]


def with_numbers_of(net: Network, model: nn.Sequential) -> None:
    """Put a network's numbers into PyTorch's layers, whose weights are the transpose."""
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    for layer, weights, biases in zip(linear, net.weights, net.biases, strict=True):
        layer.weight.data = Tensor(weights.T.copy())
        layer.bias.data = Tensor(biases.copy())


def test_both_ways_train_a_network_of_the_same_size(pytorch):
    model, net = pytorch["model"], pytorch["net"]
    assert sum(p.numel() for p in model.parameters()) == net.n_parameters
    right = (model(pytorch["inputs"]).argmax(dim=1) == pytorch["targets"]).float().mean()
    assert right > 0.95
    assert (net(pytorch["x"] / 16).argmax(axis=1) == pytorch["y"]).mean() > 0.95


def test_the_loss_and_the_optimiser_are_the_same(pytorch):
    """Steps of the loop that is written there, of all rows, from the numbers of a network here."""
    *before, loop = ast.parse(pytorch["blocks"][0]).body
    assert isinstance(loop, ast.For)
    assert isinstance(loop.body[0], ast.For)
    step = compile(ast.Module(loop.body[0].body, []), "<guide>", "exec")
    names = {**pytorch, "batch": slice(None)}
    exec(compile(ast.Module(before, []), "<guide>", "exec"), names)
    net = Network("64-32-32-10:softmax", seed=0)
    with_numbers_of(net, names["model"])
    for _ in range(20):
        exec(step, names)
    x, y = pytorch["x"] / 16, pytorch["y"]
    trainer = Trainer(epochs=20, batch_size=len(x), optimizer=AdamW(learning_rate=1e-3), seed=0)
    trainer.fit(net, x, y)
    theirs = names["model"](names["inputs"]).detach().numpy()
    assert np.abs(net.scores(x) - theirs).max() < 1e-4


def test_what_the_table_says_of_pytorch(pytorch):
    model, y = copy.deepcopy(pytorch["model"]), pytorch["y"]
    net = Network("64-32-32-10:softmax", seed=1)
    x = pytorch["x"] / 16
    with_numbers_of(net, model)
    model.zero_grad()
    activations: list[Tensor] = []
    for layer in model:
        layer.register_forward_hook(lambda *seen: activations.append(seen[2]))
    scores = model(pytorch["inputs"])
    pytorch["F"].cross_entropy(scores, pytorch["targets"]).backward()
    np.testing.assert_allclose(net.scores(x), scores.detach(), atol=1e-5)
    np.testing.assert_allclose(net(x), scores.detach().softmax(dim=1), atol=1e-5)
    trace = net.forward(x)
    gradients = net.backward(trace, y)
    for i, layer in enumerate(model[::2]):
        np.testing.assert_allclose(gradients.weights[i], layer.weight.grad.T, atol=1e-6)
    for i in range(2):
        np.testing.assert_allclose(trace.activations[i], activations[2 * i + 1].detach(), atol=1e-5)


def test_keras_trains_a_network_of_the_same_size(keras):
    model = keras["model"]
    assert model.count_params() == keras["net"].n_parameters
    assert [layer.__class__.__name__ for layer in model.layers] == ["Dense", "Dropout", "Dense"]
    x = keras["x"] / 16
    assert (model.predict(x, verbose=0).argmax(axis=1) == keras["y"]).mean() > 0.9


def test_keras_holds_out_the_last_rows(keras):
    x, y, model = keras["x"] / 16, keras["y"], keras["model"]
    n = int(len(x) * (1 - 0.2))
    last = model.history.history["val_loss"][-1]
    assert model.evaluate(x[n:], y[n:], verbose=0) == pytest.approx(last, rel=1e-4)
