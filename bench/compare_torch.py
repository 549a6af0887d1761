"""The same training here and in PyTorch: losses, gradients, parameters and predictions, compared.

    make test-torch
    make test-torch ARGS="-k 'layer_norm and adam'"

Both start from the same numbers and take the same batches in the same order. After 200 steps no
parameter may differ by more than `LIMITS`, as a share of the largest parameter. The largest
differences that were seen stand in a table at the end.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from layerwise import SGD, Adam, AdamW, Architecture, Network, RMSprop, Trainer
from layerwise.architecture import Embedding, Layer, Loss, Periodic, get_loss

Array = NDArray[Any]

LIMITS = {"float64": 1e-5, "float32": 1e-3}
# One step has no time to drift: its gradient, and outputs of equal parameters, agree to rounding.
ROUNDING = {"float64": 1e-12, "float32": 2e-5}

STEPS = 200
BATCHES_PER_EPOCH = 4  # the last of them a short one
EPOCHS = STEPS // BATCHES_PER_EPOCH

torch.set_num_threads(1)


# What is compared: networks with a loss, and optimisers.


LOSSES = {
    "cross_entropy": get_loss("softmax"),
    "cross_entropy_smoothed": get_loss("softmax", label_smoothing=0.1),
    "binary": get_loss("sigmoid"),
    "binary_smoothed": get_loss("sigmoid", label_smoothing=0.1),
    "squared": get_loss("squared"),
    "absolute": get_loss("absolute"),
    "huber": get_loss("huber", delta=0.5),
    "quantile": get_loss("quantile", q=0.8),
    "poisson": get_loss("poisson"),
}


@dataclass(frozen=True)
class Case:
    """A network, what it minimises and the size of its batches."""

    architecture: Architecture
    loss: Loss = LOSSES["cross_entropy"]
    weighted: bool = False
    clipping: float | None = None
    l1: float = 0.0
    l2: float = 0.0
    batch: int = 32

    @property
    def rows(self) -> int:
        """Rows of the table: the last batch is three quarters full."""
        return BATCHES_PER_EPOCH * self.batch - self.batch // 4


def sizes(
    *given: int, activation: str = "tanh", output: str = "softmax", **options: Any
) -> Architecture:
    """Write an architecture by what is out of the ordinary."""
    return Architecture(given, activation, output, **options)


ACTIVATIONS: dict[str, Callable[[int], nn.Module]] = {
    "identity": lambda _: nn.Identity(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda _: nn.LeakyReLU(0.01),
    "prelu": nn.PReLU,
    "elu": lambda _: nn.ELU(),
    "selu": lambda _: nn.SELU(),
    "gelu": lambda _: nn.GELU(),
    "silu": lambda _: nn.SiLU(),
    "mish": lambda _: nn.Mish(),
    "softplus": lambda _: nn.Softplus(),
    "hard_sigmoid": lambda _: nn.Hardsigmoid(),
}

FEW, MANY = Embedding(n_values=7, size=3), Embedding(n_values=40, size=8)

STRUCTURES = {
    "perceptron": Case(sizes(10, 4)),
    "layer_norm": Case(sizes(10, 16, 16, 4, normalization="layer")),
    "batch_norm": Case(sizes(10, 16, 16, 4, normalization="batch")),
    "residual": Case(sizes(10, 16, 16, 16, 4, residual=True)),
    "residual_layer_norm": Case(
        sizes(10, 16, 16, 16, 4, activation="gelu", residual=True, normalization="layer")
    ),
    # Inputs as wide as the first layer: it, too, is residual, and so normalises them.
    "residual_from_inputs_layer_norm": Case(
        sizes(16, 16, 16, 4, activation="silu", residual=True, normalization="layer")
    ),
    "residual_from_inputs_batch_norm": Case(
        sizes(16, 16, 16, 4, activation="silu", residual=True, normalization="batch")
    ),
    "embeddings": Case(sizes(5, 16, 16, 4, embeddings=[FEW, MANY])),
    "embeddings_alone": Case(sizes(0, 16, 4, embeddings=[FEW, MANY])),
    "embeddings_residual_batch_norm": Case(
        sizes(5, 16, 16, 4, embeddings=[FEW, MANY], residual=True, normalization="batch")
    ),
    "periodic_and_input_scale": Case(
        sizes(5, 16, 4, periodic=Periodic(4, 0.3), input_scale=True, embeddings=[FEW])
    ),
    "neural_tangent": Case(sizes(10, 16, 16, 4, scaling="neural_tangent")),
    "sample_weights": Case(sizes(10, 16, 16, 4), weighted=True),
    "sample_weights_squared": Case(
        sizes(10, 16, 2, output="identity"), LOSSES["squared"], weighted=True
    ),
    "clipping": Case(sizes(10, 16, 16, 4), clipping=0.1),
    "clipping_layer_norm": Case(
        sizes(10, 16, 16, 4, normalization="layer", embeddings=[FEW]), clipping=0.1
    ),
    "penalties": Case(sizes(10, 16, 16, 4, embeddings=[FEW]), l1=1e-3, l2=1e-2),
}

CASES = {
    **{name: Case(sizes(10, 16, 12, 4, activation=name)) for name in ACTIVATIONS},
    **{
        name: Case(sizes(10, 16, 12, 4 if "entropy" in name else 3, output=loss.output), loss)
        for name, loss in LOSSES.items()
    },
    **STRUCTURES,
}

# Large enough that batches are cut into shards, and weights into tasks, for threads to share.
WIDE: dict[str, dict[str, Any]] = {
    "wide": {},
    "wide_layer_norm": {"normalization": "layer", "residual": True},
    "wide_batch_norm": {"normalization": "batch"},
    "wide_everything": {
        "normalization": "batch",
        "residual": True,
        "embeddings": [FEW, MANY],
        "periodic": Periodic(4, 0.3),
        "input_scale": True,
        "scaling": "neural_tangent",
    },
}
WIDE_CASES = {
    name: Case(
        sizes(60, 256, 256, 160, 5, **{"activation": "silu"} | options),
        batch=128,
        clipping=0.5 if name == "wide_everything" else None,
        weighted=name == "wide_everything",
    )
    for name, options in WIDE.items()
}

# With so many nodes some meet the kink in float32 within a few steps; one step is all they share.
WIDE_PRELU = Case(sizes(60, 256, 160, 5, activation="prelu", normalization="layer"), batch=128)

# Ours, and PyTorch's for the same groups of parameters.
OPTIMIZERS: dict[str, tuple[Any, Callable[[Any], torch.optim.Optimizer]]] = {
    "sgd": (
        SGD(learning_rate=0.05, momentum=0.0),
        lambda groups: torch.optim.SGD(groups, lr=0.05),
    ),
    "momentum": (
        SGD(learning_rate=0.01, momentum=0.9),
        lambda groups: torch.optim.SGD(groups, lr=0.01, momentum=0.9),
    ),
    "nesterov": (
        SGD(learning_rate=0.01, momentum=0.8, nesterov=True),
        lambda groups: torch.optim.SGD(groups, lr=0.01, momentum=0.8, nesterov=True),
    ),
    "adam": (
        Adam(learning_rate=1e-3),
        lambda groups: torch.optim.Adam(groups, lr=1e-3),
    ),
    "adamw": (
        AdamW(learning_rate=1e-3, weight_decay=0.1, beta1=0.8, beta2=0.95, epsilon=1e-6),
        lambda groups: torch.optim.AdamW(
            groups, lr=1e-3, weight_decay=0.1, betas=(0.8, 0.95), eps=1e-6
        ),
    ),
    "rmsprop": (
        RMSprop(learning_rate=1e-3),
        lambda groups: torch.optim.RMSprop(groups, lr=1e-3, alpha=0.99),
    ),
}

# 1 - beta2 is small here: its digits are lost if it is taken in float32.
SLOW_OPTIMIZERS: dict[str, tuple[Any, Callable[[Any], torch.optim.Optimizer]]] = {
    "slow adam": (
        Adam(learning_rate=1e-3, beta2=0.9999),
        lambda groups: torch.optim.Adam(groups, lr=1e-3, betas=(0.9, 0.9999)),
    ),
    "slow rmsprop": (
        RMSprop(learning_rate=1e-3, beta2=0.9999),
        lambda groups: torch.optim.RMSprop(groups, lr=1e-3, alpha=0.9999),
    ),
}


# A table, the same for both.


@dataclass(frozen=True)
class Table:
    """Rows to learn from; `weight` is empty where all rows count alike."""

    x: Array
    codes: Array
    y: Array
    weight: Array

    def __getitem__(self, rows: slice) -> Table:
        return Table(self.x[rows], self.codes[rows], self.y[rows], self.weight[rows])

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give x, codes, y and weight to PyTorch."""
        x, codes, y, weight = map(torch.from_numpy, (self.x, self.codes, self.y, self.weight))
        return x, codes, y, weight


def table(case: Case, dtype: str) -> Table:
    """Draw a table with something to learn in it."""
    a, rng = case.architecture, np.random.default_rng(1)
    x = rng.standard_normal((case.rows, a.n_inputs))
    codes = np.stack(
        [rng.integers(0, e.n_values, case.rows) for e in a.embeddings]
        or [np.zeros(case.rows, np.int64)],
        axis=1,
    )[:, : a.n_codes]
    known = np.concatenate([x, np.sin(codes)], axis=1)
    scores = np.tanh(known @ rng.standard_normal((known.shape[1], a.n_outputs)))
    # A slope that jumps where the target is met turns a last digit into a different step, so that
    # such losses get targets that are met less often.
    jumps = case.loss.name in {"absolute", "quantile"}
    scores += (2.0 if jumps else 0.5) * rng.standard_normal(scores.shape)
    if case.loss.name == "softmax":
        y: Array = scores.argmax(axis=1)
    elif case.loss.name == "sigmoid":
        y = (scores > 0).astype(dtype)
    elif case.loss.name == "poisson":
        y = rng.poisson(np.exp(scores)).astype(dtype)
    else:
        y = scores.astype(dtype)
    weight = rng.uniform(0.0, 2.0, case.rows).astype(dtype) if case.weighted else np.zeros(0)
    weight[: case.rows // 10] = 0.0
    return Table(x.astype(dtype), codes, y, weight)


# PyTorch's side.


class TwinLayer(nn.Module):
    """PyTorch's own modules for one layer: a = f(norm(x) W + b), or x + a / divisor."""

    def __init__(self, layer: Layer, alpha: float) -> None:
        super().__init__()
        self.residual, self.divisor, self.alpha = layer.residual, layer.divisor, alpha
        norms = {"layer": nn.LayerNorm, "batch": nn.BatchNorm1d, None: nn.Identity}
        self.norm = norms[layer.normalization](layer.fan_in)
        self.linear = nn.Linear(layer.fan_in, layer.fan_out)
        self.activation = ACTIVATIONS[layer.activation](layer.fan_out)

    def forward(self, x: Tensor) -> Tensor:
        """Rows in, rows out."""
        h, linear = self.norm(x), self.linear
        weight = linear.weight if self.alpha == 1.0 else self.alpha * linear.weight
        a = self.activation(functional.linear(h, weight, linear.bias))
        return x + a / self.divisor if self.residual else a


class Twin(nn.Module):
    """A network built of PyTorch's modules, with the numbers of one of ours."""

    def __init__(self, net: Network) -> None:
        super().__init__()
        a = net.architecture
        self.embeddings = nn.ModuleList(nn.Embedding(e.n_values, e.size) for e in a.embeddings)
        frequencies = a.periodic.n_frequencies if a.periodic else 0
        self.frequencies = nn.Parameter(torch.empty(a.n_inputs, frequencies))
        self.scale = nn.Parameter(torch.empty(a.input_width if a.input_scale else 0))
        self.layers = nn.ModuleList(
            TwinLayer(layer, layer.fan_in**-0.5 if a.scaling == "neural_tangent" else 1.0)
            for layer in a.layers
        )
        self.to(getattr(torch, str(net.dtype)))
        with torch.no_grad():
            for name, tensor in self.named().items():
                tensor.copy_(torch.tensor(net.parameters[name]))
            for tensor, values in zip(self.running(), self._state_parts(net.state), strict=True):
                tensor.copy_(torch.tensor(values))

    def named(self) -> dict[str, Tensor]:
        """Every parameter by the name it has in our network, and in its shape there."""
        found: dict[str, Tensor] = {
            f"codes {i}.embedding": module.weight for i, module in enumerate(self.embeddings, 1)
        }
        found |= {"inputs.frequencies": self.frequencies} if self.frequencies.numel() else {}
        found |= {"inputs.scale": self.scale} if self.scale.numel() else {}
        for i, layer in enumerate(self.layers, 1):
            name = f"hidden {i}" if i < len(self.layers) else "output"
            if not isinstance(layer.norm, nn.Identity):
                found |= {f"{name}.gain": layer.norm.weight, f"{name}.shift": layer.norm.bias}
            found |= {f"{name}.weights": layer.linear.weight.T, f"{name}.biases": layer.linear.bias}
            if isinstance(layer.activation, nn.PReLU):
                found[f"{name}.slope"] = layer.activation.weight
        return found

    def numbers(self) -> dict[str, Array]:
        """Every parameter's value, as `net.parameters` has it."""
        return {name: tensor.detach().numpy().copy() for name, tensor in self.named().items()}

    def gradients(self) -> dict[str, Array]:
        """Every parameter's gradient, by the same names."""
        # A transposed view has no gradient of its own.
        return {
            name: (tensor.grad if tensor.is_leaf else tensor._base.grad.T).numpy()
            for name, tensor in self.named().items()
        }

    def running(self) -> list[Tensor]:
        """Running mean and variance of each batch normalisation in turn."""
        norms = [layer.norm for layer in self.layers if isinstance(layer.norm, nn.BatchNorm1d)]
        return [part for norm in norms for part in (norm.running_mean, norm.running_var)]

    def _state_parts(self, state: Array) -> list[Array]:
        ends = np.cumsum([0] + [tensor.numel() for tensor in self.running()])
        assert ends[-1] == state.size
        return [state[start:stop] for start, stop in pairwise(ends)]

    def groups(self) -> list[dict[str, Any]]:
        """Parameters that decay, weights and embeddings, and those that do not."""
        decaying = [*(e.weight for e in self.embeddings), *self.weights()]
        known = {id(parameter) for parameter in decaying}
        others = [p for p in self.parameters() if id(p) not in known and p.numel()]
        return [{"params": decaying}, {"params": others, "weight_decay": 0.0}]

    def weights(self) -> list[Tensor]:
        """The layers' weights."""
        return [layer.linear.weight for layer in self.layers]

    def forward(self, x: Tensor, codes: Tensor) -> Tensor:
        """Scores of rows."""
        if self.frequencies.numel():
            v = 2 * math.pi * x[:, :, None] * self.frequencies
            x = torch.cat([torch.sin(v), torch.cos(v)], dim=2).flatten(1)
        a = torch.cat([x, *(e(codes[:, i]) for i, e in enumerate(self.embeddings))], dim=1)
        if self.scale.numel():
            a = a * self.scale
        for layer in self.layers:
            a = layer(a)
        return a


def row_losses(loss: Loss, scores: Tensor, y: Tensor) -> Tensor:
    """Each row's loss, summed over its outputs."""
    c = loss.parameter
    if loss.name == "softmax":
        return functional.cross_entropy(scores, y, label_smoothing=c, reduction="none")
    if loss.name == "sigmoid":
        smooth = y * (1 - c) + c / 2
        each = functional.binary_cross_entropy_with_logits(scores, smooth, reduction="none")
    elif loss.name == "squared":
        each = functional.mse_loss(scores, y, reduction="none") / 2
    elif loss.name == "absolute":
        each = functional.l1_loss(scores, y, reduction="none")
    elif loss.name == "huber":
        each = functional.huber_loss(scores, y, delta=c, reduction="none")
    elif loss.name == "quantile":  # PyTorch has none
        each = torch.maximum(c * (y - scores), (c - 1) * (y - scores))
    else:
        each = functional.poisson_nll_loss(scores, y, log_input=True, reduction="none")
    return each.sum(dim=1)


def penalty(twin: Twin, case: Case) -> Tensor | float:
    """What large weights and embeddings cost."""
    decaying = twin.groups()[0]["params"] if case.l1 or case.l2 else []
    return sum(case.l1 * w.abs().sum() + case.l2 / 2 * w.square().sum() for w in decaying)


def clip(twin: Twin, longest: float) -> None:
    """Shorten the gradient to `longest`.

    PyTorch divides by the norm + 1e-6, which alone would be most of all differences; here that
    is taken back.
    """
    parameters = [p for p in twin.parameters() if p.grad is not None]
    norm = nn.utils.get_total_norm([p.grad for p in parameters])
    nn.utils.clip_grads_with_norm_(parameters, longest * float((norm + 1e-6) / norm), norm)


def train_twin(
    twin: Twin, case: Case, rows: Table, optimizer: torch.optim.Optimizer, epochs: int = EPOCHS
) -> list[float]:
    """Train in PyTorch; each epoch's mean loss, rows weighted."""
    starts = range(0, len(rows.x), case.batch)
    batches = [rows[i : i + case.batch].tensors() for i in starts]
    history = []
    for _ in range(epochs):
        total = n = 0.0
        for x, codes, y, weight in batches:
            optimizer.zero_grad()
            losses = row_losses(case.loss, twin(x, codes), y)
            loss = (weight * losses).sum() / weight.sum() if case.weighted else losses.mean()
            (loss + penalty(twin, case)).backward()
            if case.clipping:
                clip(twin, case.clipping)
            optimizer.step()
            share = weight.sum().item() if case.weighted else len(x)
            total, n = total + loss.item() * share, n + share
        history.append(total / n)
    return history


def outputs(twin: Twin, case: Case, rows: Table) -> Array:
    """What PyTorch's network makes of all rows."""
    twin.eval()
    x, codes, _, _ = rows.tensors()
    with torch.no_grad():
        scores = twin(x, codes)
    twin.train()
    link = {"softmax": lambda s: s.softmax(dim=1), "sigmoid": torch.sigmoid, "exp": torch.exp}
    return link.get(case.loss.output, lambda s: s)(scores).numpy()


# Our side.


def network(case: Case, dtype: str) -> Network:
    """Draw a network in which nothing, gains and running statistics too, is just 0 or 1."""
    net, rng = Network(case.architecture, seed=2, dtype=dtype), np.random.default_rng(3)
    net.vector += (0.1 * rng.standard_normal(net.vector.size)).astype(dtype)
    net.state += rng.uniform(0.0, 0.2, net.state.size).astype(dtype)
    return net


def train(
    net: Network, case: Case, rows: Table, optimizer: Any, epochs: int = EPOCHS, **settings: Any
) -> list[float]:
    """Train here; each epoch's mean loss."""
    trainer = Trainer(
        optimizer=optimizer,
        loss=case.loss,
        batch_size=case.batch,
        epochs=epochs,
        shuffle=False,
        gradient_clipping=case.clipping,
        l1=case.l1,
        l2=case.l2,
        **settings,
    )
    weight = rows.weight if case.weighted else None
    return trainer.fit(net, rows.x, rows.y, codes=rows.codes, sample_weight=weight)["loss"]


# Comparing.


def difference(ours: dict[str, Array], theirs: dict[str, Array]) -> float:
    """Largest difference of any number, as a share of the largest number; NaN if any is NaN."""
    assert ours.keys() == theirs.keys()
    largest = np.max([np.abs(values).max() for values in theirs.values()])
    return float(np.max([np.abs(ours[name] - theirs[name]).max() for name in ours]) / largest)


Seen = dict[tuple[str, str], dict[str, float]]


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest) -> Seen:
    """Collect differences, by (what, dtype) and case, for a table at the end."""
    found: Seen = defaultdict(dict)

    class Summary:
        def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
            terminalreporter.section("largest differences from PyTorch")
            for (what, dtype), values in found.items():
                worst = sorted(values, key=values.__getitem__, reverse=True)[:3]
                named = ", ".join(f"{values[name]:.1e} {name}" for name in worst)
                line = f"{what:<18} {dtype}  {len(values):>3} compared: {named}"
                terminalreporter.write_line(line)

    request.config.pluginmanager.register(Summary())
    return found


# An optimiser does not see what a gradient comes of: activations and losses meet two of them.
TRAININGS = [
    (name, optimizer)
    for name in CASES
    for optimizer in OPTIMIZERS
    if name in STRUCTURES or optimizer in {"momentum", "adam"}
]

GRADIENT_CASES = CASES | WIDE_CASES | {"wide_prelu": WIDE_PRELU}

every_dtype = pytest.mark.parametrize("dtype", LIMITS)
every_case = pytest.mark.parametrize("name", CASES)


@every_dtype
@pytest.mark.parametrize(("name", "optimizer"), TRAININGS)
def test_200_steps(name, optimizer, dtype, seen):
    compare_training(name, CASES[name], optimizer, dtype, seen)


@every_dtype
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("name", WIDE_CASES)
def test_40_steps_on_two_threads(name, optimizer, dtype, seen):
    compare_training(name, WIDE_CASES[name], optimizer, dtype, seen, epochs=10, n_threads=2)


def compare_training(name, case, optimizer, dtype, seen, epochs=EPOCHS, **settings):
    limit, (ours, theirs) = LIMITS[dtype], OPTIMIZERS[optimizer]
    rows, net = table(case, dtype), network(case, dtype)
    before, twin = net.vector.copy(), Twin(net)
    expected = train_twin(twin, case, rows, theirs(twin.groups()), epochs)
    losses = train(net, case, rows, ours, epochs, **settings)
    apart = difference(net.parameters, twin.numbers())
    seen[optimizer, dtype][name] = apart
    assert apart <= limit
    # It would be easy to agree on standing still.
    assert np.abs(net.vector - before).max() > 0.01 * np.abs(before).max()
    np.testing.assert_allclose(losses, expected, rtol=limit)
    if net.state.size:
        running = np.concatenate([part.numpy() for part in twin.running()])
        apart = difference({"": net.state}, {"": running})
        seen["running stats", dtype][f"{name}, {optimizer}"] = apart
        assert apart <= limit
    assert difference({"": net(rows.x, rows.codes)}, {"": outputs(twin, case, rows)}) <= limit


@every_dtype
@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", GRADIENT_CASES)
def test_the_gradient(name, engine, dtype, seen):
    case = GRADIENT_CASES[name]
    rows, net = table(case, dtype)[: case.batch], network(case, dtype)
    twin = Twin(net)
    train_twin(twin, case, rows, torch.optim.SGD(twin.groups(), lr=0.0), epochs=1)
    # So long a step is the gradient: what it starts from is lost in its last digit.
    rate = 2.0**60
    optimizer = SGD(learning_rate=rate, momentum=0.0)
    train(net, case, rows, optimizer, epochs=1, engine=engine, n_threads=2)
    gradient = {name: -values / rate for name, values in net.parameters.items()}
    expected = twin.gradients()
    assert gradient.keys() == expected.keys()
    # Block by block, so that a small one does not hide behind a large one.
    apart = np.max([difference({k: gradient[k]}, {k: expected[k]}) for k in expected])
    seen[f"gradient, {engine}", dtype][name] = apart
    # PyTorch's slope of this one is 1/6 rounded to float32, whatever the precision.
    assert apart <= (1e-7 if (name, dtype) == ("hard_sigmoid", "float64") else ROUNDING[dtype])


@every_dtype
@pytest.mark.parametrize("optimizer", OPTIMIZERS | SLOW_OPTIMIZERS)
def test_the_first_steps(optimizer, dtype, seen):
    ours, theirs = (OPTIMIZERS | SLOW_OPTIMIZERS)[optimizer]
    case = Case(sizes(5, 3, output="identity"), LOSSES["squared"])
    rows, net = table(case, dtype), network(case, dtype)
    net.vector[:] = 0.0  # so that what the parameters become is the steps alone
    twin = Twin(net)
    train_twin(twin, case, rows, theirs(twin.groups()), epochs=1)
    train(net, case, rows, ours, epochs=1)
    apart = difference(net.parameters, twin.numbers())
    seen["first steps", dtype][optimizer] = apart
    assert apart <= ROUNDING[dtype]


@every_dtype
@every_case
def test_predictions(name, dtype, seen):
    case = CASES[name]
    rows, net = table(case, dtype), network(case, dtype)
    twin = Twin(net)
    expected = outputs(twin, case, rows)
    one_by_one = [net(*row) for row in zip(rows.x, rows.codes, strict=True)]
    for found in (net(rows.x, rows.codes), np.stack(one_by_one)):
        apart = difference({"": found}, {"": expected})
        seen["predictions", dtype][name] = max(apart, seen["predictions", dtype].get(name, 0.0))
        assert apart <= ROUNDING[dtype]
