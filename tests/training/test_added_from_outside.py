"""One of each kind that is added from another file is used like those of the package.

An activation, losses, an output function, an optimiser, schedules and steps: it trains, explains,
draws and exports with them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layerwise.files.cache_folders import CACHE_VARIABLE

SCRIPT = """
from dataclasses import dataclass

import numpy as np

from layerwise import MLPRegressor, Network, Trainer, explain
from layerwise.architecture import ACTIVATIONS, LOSSES, Activation, Loss, Range, get_loss
from layerwise.architecture.elementary import exp, log1p_exp_of_minus, tanh, where
from layerwise.draw import draw_network
from layerwise.training import OPTIMIZERS, SCHEDULES, Optimizer, Rule, Schedule


def bump(z):
    return z * exp(-0.5 * z * z)


def bump_slope(z):
    return (1.0 - z * z) * exp(-0.5 * z * z)


def log_cosh(s, y, c):
    r = where(s > y, s - y, y - s) / c
    return c * c * (r + log1p_exp_of_minus(2.0 * r) - 0.6931471805599453)


def log_cosh_slope(s, y, c):
    return c * tanh((s - y) / c)


def log_cosh_written(p, y, c):
    return c * c * np.log((np.exp((p - y) / c) + np.exp((y - p) / c)) / 2)


def moments(g, m, v, slow, rest):
    return slow * m + rest * g, v


def change(m, rate, nothing):
    return rate * where(m > nothing, 1.0, where(m < nothing, -1.0, 0.0))


@dataclass(frozen=True, kw_only=True)
class Signum(Optimizer):
    formula = "m = beta m + (1 - beta) g, θ -= rate sign(m)"
    source = "Bernstein et al. 2018"
    rules = (Rule(change, moments),)

    beta: float = 0.75

    def constants(self):
        return {"slow": self.beta, "rest": 1 - self.beta}

    def step_numbers(self, rates, steps):
        return {"rate": rates, "nothing": np.zeros(len(steps))}


ACTIVATIONS["bump"] = Activation(
    "bump", "z exp(-z² / 2)", bump, bump_slope, 1.5, "glorot_uniform", "a test"
)
LOSSES["log_cosh"] = Loss(
    "log_cosh", "w² log(cosh((p - y) / w))", "identity", "Green 1990", log_cosh, log_cosh_slope,
    written=log_cosh_written, targets=Range(-9.0, 9.0, "[]"), parameter_name="w", parameter=2.0,
    parameter_range=Range(0.0, 100.0, "(]"), scikit_learn="log_cosh",
)
OPTIMIZERS["signum"] = Signum
SCHEDULES["halves"] = Schedule("halves", "1 / 2^(4 t)", lambda t, n: 0.5 ** (4 * t), "a test")
SCHEDULES["thirds"] = Schedule(
    "thirds", "1, then thirds", lambda t, n: np.ones_like(t), "a test", open_ended=True, divisor=3.0
)


def refused(function, words):
    try:
        function()
    except ValueError as error:
        assert words in str(error), error
    else:
        raise AssertionError(words)


loss = get_loss("log_cosh", w=0.5)
x = np.linspace(-1, 1, 8)[:, None]
y = x[:, 0] ** 2
refused(lambda: get_loss("log_cosh", w=0), "w must lie in (0, 100]; got 0")
refused(lambda: Network("1-1").loss(x, 10 * y, loss), "y must lie in [-9, 9] for the loss 'log_")
refused(lambda: Network("1-1:exp").loss(x, y, loss), "goes with the output 'identity'")
refused(lambda: Trainer(decay_schedule="thirds"), "'thirds' is for the learning rate alone")

# Finite differences, and every epoch of both engines by hand.
net = Network("1-3:bump-1", seed=0, dtype="float64")
assert np.isclose(net.loss(x, y, loss), np.mean(0.25 * np.log(np.cosh((net(x)[:, 0] - y) / 0.5))))
found = net.backward(net.forward(x), y, loss).vector
for i, step in enumerate(1e-6 * np.eye(len(net.vector))):
    beside = [Network.of(net.architecture, net.vector + d).loss(x, y, loss) for d in (step, -step)]
    assert np.isclose((beside[0] - beside[1]) / 2e-6, found[i], rtol=1e-6, atol=1e-9)
for engine in ("compiled", "numpy"):
    net = Network("1-3:bump-1", seed=0, dtype="float64")
    vector, m = net.vector.copy(), 0.0
    losses = []
    for epoch in range(4):
        other = Network.of(net.architecture, vector)
        gradients = other.backward(other.forward(x), y, loss)
        losses.append(gradients.loss)
        m = 0.75 * m + 0.25 * gradients.vector
        vector = vector - 0.01 * 0.5 ** epoch * np.sign(m)
    trainer = Trainer(optimizer=Signum(learning_rate=0.01), schedule="halves", epochs=4,
                      loss=loss, engine=engine)
    history = trainer.fit(net, x, y)
    assert np.allclose(net.vector, vector, rtol=1e-12), engine
    assert np.allclose(history["loss"], losses, rtol=1e-12), engine
    adaptive = Trainer(loss=loss, schedule="thirds", patience=2, min_improvement=1e9, epochs=8,
                       engine=engine)
    rates = adaptive.fit(net, x, y)["learning_rate"]
    assert np.allclose(rates, 1e-3 / 3.0 ** np.array([0, 0, 0, 1, 1, 2, 2, 3])), rates

# The classes, which were imported before.
settings = {"activation": "bump", "hidden_layer_sizes": (4,), "learning_rate_init": 0.03,
            "random_state": 0, "loss": "log_cosh"}
model = MLPRegressor(**settings, solver="signum", schedule="halves", max_iter=300)
assert model.fit(x, x[:, 0]).score(x, x[:, 0]) > 0.5
assert model.out_activation_ == "identity"
sgd = MLPRegressor(**settings, solver="sgd", learning_rate="thirds", max_iter=2).fit(x, x[:, 0])
refused(lambda: MLPRegressor(loss="log_cos").fit(x, x[:, 0]), "Did you mean 'log_cosh'?")

from tests.explanation.recompute import agrees, check, equations_in

of_one = model.network_.loss(x[:1], [0.3], get_loss("log_cosh"))
for explanation, value in (
    (explain(model, x[0], answer=0.3), of_one),
    (explain(model.network_, x[0], answer=0.3, loss=loss), model.network_.loss(x[:1], [0.3], loss)),
):
    text = explanation.to_text(200)
    assert "W² log(cosh((p - y) / w))" in text
    assert check(text) > 12
    assert "|error|" not in text
    (written,) = [sides for left, sides in equations_in(text) if left == "loss"]
    assert "ln(" in written[-2], written
    assert agrees(value, written[-1])
figure = draw_network(model, x[0], target=0.3, gradients=True)
texts = [*figure.texts, *(text for ax in figure.axes for text in ax.texts)]
words = " ".join(text.get_text() for text in texts)
assert f"answer 0.3, loss {of_one:.4g}" in words, words
"""

# A loss of outputs that depend on all scores; and an output function with a loss of its own.
OUTPUTS_SCRIPT = """
import sys

import numpy as np
import onnxruntime

from layerwise import MLPClassifier, Network, Trainer, explain
from layerwise.architecture import ACTIVATIONS, LOSSES, OUTPUTS, Activation, Loss, Output, Range
from layerwise.architecture.elementary import exp, log1p_exp_of_minus, sigmoid, where
from layerwise.draw import draw_network
from layerwise.store.onnx import export_onnx
from tests.explanation.recompute import agrees, check, equations_in


def focal(log_p, t, c):
    return -t * (1.0 - exp(log_p)) ** c * log_p


def focal_slope(log_p, t, c):
    p = exp(log_p)
    return -t * (1.0 - p) ** c + t * c * (1.0 - p) ** (c - 1.0) * p * log_p


def focal_written(p, t, c):
    return -t * (1 - p) ** c * np.log(p)


def own_log_loss(log_p, t, c):
    return -t * log_p


def own_log_loss_slope(log_p, t, c):
    return -t


def smoothed(t, c, n):
    return t * (1.0 - c) + c / n


def soft(s):
    return where(s < 0.0, 0.0, s) + log1p_exp_of_minus(where(s < 0.0, -s, s))


def soft_slope(s):
    return sigmoid(s)


def soft_squared(s, y, c):
    p = where(s < 0.0, 0.0, s) + log1p_exp_of_minus(where(s < 0.0, -s, s))
    return 0.5 * (p - y) * (p - y)


def soft_squared_slope(s, y, c):
    p = where(s < 0.0, 0.0, s) + log1p_exp_of_minus(where(s < 0.0, -s, s))
    return (p - y) * sigmoid(s)


def bump(z):
    return z * exp(-0.5 * z * z) + where(z > 1.0, z / 8.0, 0.0)


def bump_slope(z):
    return (1.0 - z * z) * exp(-0.5 * z * z) + where(z > 1.0, 0.125, 0.0)


ACTIVATIONS["bump"] = Activation(
    "bump", "z exp(-z² / 2)", bump, bump_slope, 1.5, "glorot_uniform", "a test"
)
OUTPUTS["soft"] = Output(
    "soft", "log(1 + exp(s))", "a test", soft, soft_slope,
    written=lambda s: np.log(1 + np.exp(s)), title="From scores to what is never negative",
)
LOSSES["focal"] = Loss(
    "focal", "-(1 - p)^gamma log(p)", "softmax", "Lin et al. 2017", focal, focal_slope,
    written=focal_written, parameter_name="gamma", parameter=2.0, parameter_range=Range(1.0),
)
LOSSES["by_formulas"] = Loss(
    "by_formulas", "-log(p)", "softmax", "a test", own_log_loss, own_log_loss_slope,
    written=lambda p, t, c: -t * np.log(p), target=smoothed,
)
LOSSES["soft"] = Loss(
    "soft", "(p - y)² / 2", "soft", "a test", soft_squared, soft_squared_slope,
    written=lambda p, y, c: (p - y) ** 2 / 2, targets=Range(0.0, ends="[)"),
)

random = np.random.default_rng(0)
x = random.normal(size=(30, 2))
classes, numbers = (x > 0).sum(axis=1), np.abs(x)
for name, loss, y in (("3:softmax", "focal", classes), ("2:soft", None, numbers)):
    net = Network("2-4:bump-" + name, seed=0, dtype="float64")
    found = net.backward(net.forward(x), y, loss).vector
    for i, step in enumerate(1e-6 * np.eye(len(net.vector))):
        beside = [Network.of(net.architecture, net.vector + d).loss(x, y, loss)
                  for d in (step, -step)]
        assert np.isclose((beside[0] - beside[1]) / 2e-6, found[i], rtol=1e-6, atol=1e-9)
    trained = [net.copy() for engine in ("compiled", "numpy")]
    losses = [Trainer(loss=loss, epochs=5, batch_size=8, seed=1, engine=engine).fit(n, x, y)["loss"]
              for n, engine in zip(trained, ("compiled", "numpy"))]
    assert np.allclose(*losses, rtol=1e-9) and losses[0][-1] < losses[0][0]
    assert np.allclose(trained[0].vector, trained[1].vector, rtol=1e-9, atol=1e-12)
    assert np.allclose(trained[0](x), trained[0].forward(x).outputs, rtol=1e-12)

    target = y[0] if y.ndim == 1 else list(y[0])
    value = trained[0].loss(x[:1], y[:1], loss)
    text = explain(trained[0], x[0], answer=target, loss=loss).to_text(200)
    assert check(text) > 8, text
    (written,) = [sides for left, sides in equations_in(text) if left == "loss"]
    assert agrees(value, written[-1]), text
    assert len(written) == 3, text  # by names, with numbers, and the loss
    draw_network(trained[0], x[0], target=target, gradients=True)
    export_onnx(trained[0], sys.argv[1] + "/model.onnx")
    session = onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx")
    (out,) = session.run(None, {session.get_inputs()[0].name: x.astype(np.float32)})[:1]
    assert np.allclose(out, trained[0](x), rtol=1e-4, atol=1e-6)

assert OUTPUTS["soft"].title in text
text = explain(Network("2-3:softmax", seed=0), x[0], answer=1, loss="focal").to_text(200)
assert "(1 - " in text and "^2" in text and "ln(" in text, text

# The log loss has a kernel of its own; by its formulas alone it is the same.
from dataclasses import replace

net = Network("2-4-3:softmax", seed=0, dtype="float64")
both = [net.copy(), net.copy()]
for own, entry in zip(both, (LOSSES["softmax"], LOSSES["by_formulas"])):
    Trainer(loss=replace(entry, parameter=0.1), epochs=5, seed=1).fit(own, x, classes)
assert np.allclose(both[0].vector, both[1].vector, rtol=1e-9, atol=1e-12)
assert (both[0].vector != net.vector).all()
"""

# A step of layers, with a parameter for each number: x + c x². And one of codes, without any.
STEPS_SCRIPT = """
import sys
from dataclasses import dataclass

import numpy as np
import onnxruntime

from layerwise import MLPRegressor, Network, Trainer, explain, load, save
from layerwise.architecture import STEPS, Architecture, Step
from layerwise.architecture.elementary import number, u64
from layerwise.architecture.steps import Kernels, Parameter
from layerwise.draw import draw_network
from layerwise.store.onnx import export_onnx


def bend(vector, parameters, work, inputs, out, rows, size):
    for r in range(rows):
        for j in range(size):
            x = work[inputs + r * (size + 1) + j]
            work[out + r * (size + 1) + j] = x + vector[parameters + j] * x * x


def bend_back(vector, parameters, work, inputs, grad, result, keep, sums, rows, size):
    zero, two = number(0.0, keep), number(2.0, keep)
    for j in range(size):
        work[sums + j] = zero
        for r in range(rows):
            i = r * (size + 1) + j
            x, g = work[inputs + i], work[grad + i]
            work[sums + j] += g * x * x
            back = g + g * two * vector[parameters + j] * x
            work[result + i] = back if keep == zero else work[result + i] + back


@dataclass(frozen=True)
class Bend(Step):
    width: int

    name, slot, symbol, title = "bend", "layer", "bend", "bent"
    words = "Each input is bent: its square is added, times a learned factor."
    kernels = Kernels(bend, bend_back)

    @property
    def parameters(self):
        return (Parameter("bow", (self.width,), start=0.25),)

    def forward(self, given):
        return given.x + given.numbers["bow"] * given.x * given.x

    def backward(self, given, grad):
        slope = 1 + 2 * given.numbers["bow"] * given.x
        return grad * slope, {"bow": (grad * given.x * given.x).sum(axis=0)}

    def onnx(self, graph, x, numbers):
        square = graph("Mul", x, x)
        return graph("Add", x, graph("Mul", square, graph.constant(np.float32(numbers["bow"]))))

    def written(self, x, bow):
        return x + bow * x * x

    def written_back(self, g, x, bow):
        return g * (1 + 2 * bow * x)


def thermometer(codes, source, order, low, high, work, out, size, length):
    for r in range(low, high):
        for j in range(size):
            is_above = codes[order[r], source] > j
            work[out + (r - low) * length + j] = number(1.0 if is_above else 0.0, work[out])


@dataclass(frozen=True)
class Thermometer(Step):
    n_values: int

    name, slot, words = "thermometer", "codes", "columns of 1 up to it"
    kernels = Kernels(thermometer)

    @property
    def width(self):
        return self.n_values - 1

    def forward(self, given):
        return (given.codes[:, None] > np.arange(self.width)).astype(given.x.dtype)

    def backward(self, given, grad):
        return np.zeros_like(given.x), {}

    def names(self, names, numbers, spelled):
        return [f"{names[0]} from {spelled(0, j + 1)} on" for j in range(self.width)]

    short_names = lambda self, names, values: [f"{names[0]} > {j}" for j in range(self.width)]


STEPS |= {"bend": Bend, "thermometer": Thermometer}

random = np.random.default_rng(0)
x, codes = random.normal(size=(24, 2)), random.integers(0, 3, (24, 1))
y = x[:, 0] ** 2 + codes[:, 0]
for residual in (False, True):
    architecture = Architecture([2, 4, 4, 1], "tanh", normalization="bend", residual=residual,
                                embeddings=[Thermometer(3)], pieces=[0, 1])
    assert Architecture.from_json(architecture.to_json()) == architecture
    assert architecture.layers[1].formula.removeprefix("x + ") == "tanh(bend(x) W + b)"
    net = Network(architecture, seed=0, dtype="float64")
    assert "hidden 2.bow" in net.parameters
    assert architecture.n_parameters == len(net.vector)
    assert np.allclose(net(x, codes), net.forward(x, codes).outputs)
    found = net.backward(net.forward(x, codes), y)
    for i, step in enumerate(1e-6 * np.eye(len(net.vector))):
        beside = [Network.of(architecture, net.vector + d, net.state).loss(x, y, codes=codes)
                  for d in (step, -step)]
        assert np.isclose((beside[0] - beside[1]) / 2e-6, found.vector[i], rtol=1e-6, atol=1e-8)
    trained = [net.copy() for engine in ("compiled", "numpy")]
    for own, engine in zip(trained, ("compiled", "numpy")):
        Trainer(epochs=4, batch_size=10, seed=1, engine=engine).fit(own, x, y, codes=codes)
    assert np.allclose(trained[0].vector, trained[1].vector, rtol=1e-9, atol=1e-12)
    assert (trained[0].parameters["output.bow"] != 0.25).all()

from tests.explanation.recompute import agrees, check, equations_in

text = explain(trained[0], x[0], answer=0.5, codes=codes[0]).to_text(200)
assert check(text) > 12
assert Bend.words in text and "code 1 from code 2 on" in text and Thermometer.words in text, text
sides = {left: sides for left, sides in equations_in(text)}
given, bow = trained[0].forward(x[:1], codes[:1]).layers[1], trained[0].parameters["hidden 2.bow"]
value = given.input[0, 0] + bow[0] * given.input[0, 0] ** 2
assert agrees(value, sides["bend(h1_1)"][-1]), sides
assert any(left.startswith("dL/dbend(h") for left in sides), sides
figure = draw_network(trained[0], each_input=True)
texts = [*figure.texts, *(text for ax in figure.axes for text in ax.texts)]
assert "bent" in " ".join(text.get_text() for text in texts)

settings = {"hidden_layer_sizes": (4, 4), "max_iter": 20, "random_state": 0}
model = MLPRegressor(normalization="bend", **settings).fit(x, y)
save(model, sys.argv[1] + "/model.layerwise")
assert (load(sys.argv[1] + "/model.layerwise").predict(x) == model.predict(x)).all()
export_onnx(model.network_, sys.argv[1] + "/model.onnx")
session = onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx")
(out,) = session.run(None, {session.get_inputs()[0].name: x.astype(np.float32)})[:1]
assert np.allclose(np.ravel(out), model.predict(x), rtol=1e-4, atol=1e-5)
"""


@pytest.mark.parametrize(
    "script", [SCRIPT, OUTPUTS_SCRIPT, STEPS_SCRIPT], ids=["formulas", "outputs", "steps"]
)
@pytest.mark.parametrize(
    "uncompiled", ["1", pytest.param("0", marks=pytest.mark.slow)], ids=["uncompiled", "compiled"]
)
def test_one_of_each(uncompiled, script, tmp_path):
    file = tmp_path / "outside.py"
    file.write_text(script)
    root = str(Path(__file__).parents[2])
    variables = {
        "NUMBA_DISABLE_JIT": uncompiled,
        CACHE_VARIABLE: str(tmp_path),
        "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), root]),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(file), str(tmp_path)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_one_that_comes_too_late_is_refused_in_words(monkeypatch):
    from dataclasses import replace

    import numpy as np

    from layerwise import Architecture, Network, Trainer
    from layerwise.architecture import ACTIVATIONS, LOSSES, OUTPUTS, STEPS
    from layerwise.training import Optimizer, Rule

    class Late(Optimizer):
        rules = (Rule(lambda g, rate: rate * g),)

    def fit(sizes="1-1", **settings):
        Trainer(**settings).fit(Network(sizes), np.zeros((2, 1)), np.zeros(2))

    with pytest.raises(ValueError, match=r"add the optimiser to .*OPTIMIZERS before the first"):
        fit(optimizer=Late())
    late = replace(LOSSES["huber"], slope=lambda s, y, c: s - y)  # by an entry's name
    with pytest.raises(ValueError, match=r"the loss 'huber': add it to .*LOSSES before the first"):
        fit(loss=late)
    monkeypatch.setitem(ACTIVATIONS, "late", replace(ACTIVATIONS["relu"], name="late"))
    with pytest.raises(ValueError, match=r"'late': add it to .*ACTIVATIONS before the first"):
        fit("1-2:late-1")
    monkeypatch.setitem(OUTPUTS, "late", replace(OUTPUTS["exp"], name="late"))
    with pytest.raises(ValueError, match=r"'late': add it to .*OUTPUTS before the first"):
        Network("1-1:late")(np.zeros((2, 1)))
    late_step = type("LateStep", (STEPS["layer"],), {"name": "late"})
    monkeypatch.setitem(STEPS, "late", late_step)
    with pytest.raises(ValueError, match=r"step 'late': add it to .*STEPS before the first"):
        fit(Architecture([1, 1, 1], normalization="late"))


def test_a_kind_of_step_that_lacks_what_will_be_asked_is_refused_in_words():
    from layerwise.architecture import Step

    with pytest.raises(TypeError, match="step 'half' stands in the slot 'codes' and lacks kernels"):
        type("Half", (Step,), {"name": "half", "slot": "codes", "forward": lambda self, given: 0})


def test_a_formula_that_onnx_cannot_say_is_refused_in_words(tmp_path, monkeypatch):
    from dataclasses import replace

    from layerwise import Network
    from layerwise.architecture import ACTIVATIONS
    from layerwise.files.atomic_writing import ModelFileError
    from layerwise.store.onnx import export_onnx

    branched = replace(ACTIVATIONS["relu"], name="late", onnx="", function=lambda z: z or 0)
    monkeypatch.setitem(ACTIVATIONS, "late", branched)
    with pytest.raises(ModelFileError, match="activation 'late' has no expression in ONNX"):
        export_onnx(Network("1-2:late-1"), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
