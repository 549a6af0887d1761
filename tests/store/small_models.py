"""Small tables and quickly trained models of them, for the tests of this room."""

import warnings
from functools import cache

import numpy as np

from layerwise import MLPClassifier, MLPRegressor, Network, TableClassifier, TableRegressor
from layerwise.architecture import Architecture, Embedding, OneHot, Periodic

QUICK = {"epochs": 3, "n_folds": 2, "n_repeats": 1, "hidden": (8,), "random_state": 0}
N = 120


def mixed_table(*, dates=False, text=False, times=False):
    """Columns of several kinds, with missing cells."""
    random = np.random.default_rng(0)

    def holes(cells):
        return [None if random.random() < 0.1 else cell for cell in cells]

    table = {
        "도시": holes(random.choice(["서울", "부산", "Ulm"], N).tolist()),
        "street": random.choice([f"street {i}" for i in range(40)], N).tolist(),
        "zip": holes(random.choice([1000.0, 2500.5, -0.0], N).tolist()),
        "floor": holes(random.integers(0, 9, N).tolist()),
        "area": holes(np.round(random.lognormal(4, 0.5, N), 2).tolist()),
        "rent": [f"{x:,.2f} €" for x in random.lognormal(7, 0.5, N)],
        "built": random.normal(1.6e9, 1e4, N).tolist(),
        "lift": holes(random.choice(["yes", "no"], N).tolist()),
        "new": random.choice([True, False], N).tolist(),
        "one": ["same"] * N,
    }
    if dates:
        days = random.integers(0, 3000, N)
        table["sold"] = [str(np.datetime64("2015-01-01") + int(day)) for day in days]
    if text:
        words = ["bright", "dark", "quiet", "near the park", "with a garden", "old", "renewed"]
        table["remarks"] = [
            " ".join(random.choice(words, 6)) + f" no. {i}" for i in range(N)
        ]  # fmt: skip
    if times:
        minutes = random.integers(0, 1440, N)
        table["opens"] = holes([f"{m // 60:02}:{m % 60:02}" for m in minutes])
        table["walk"] = holes([f"{m // 60}h {m % 60}m" for m in minutes[::-1]])
        table["first let"] = [f"5/30/{x:02}" for x in random.integers(30, 90, N)]
    return table


def targets():
    """For each name, a target of the table above."""
    random = np.random.default_rng(1)
    return {
        "two": random.choice(["no", "yes"], N).tolist(),
        "three": random.choice(["c", "a", "b"], N).tolist(),
        "numbered": random.choice([10, 20], N).tolist(),
        "truth": random.choice([True, False], N).tolist(),
        "price": random.lognormal(12, 1, N).tolist(),
        "width": random.normal(5, 1, N).tolist(),
    }


@cache
def table_model(target="two", dates=False, text=False, times=False, **options):
    """A model of all columns of the mixed table; several targets are joined by commas."""
    table = mixed_table(dates=dates, text=text, times=times)
    names = target.split(",")
    table |= {name: targets()[name] for name in names}
    kind = TableRegressor if names[0] in {"price", "width"} else TableClassifier
    given = {"numeric": ("floor",), "categorical": ("zip", "street"), "selection": False}
    given |= QUICK | options
    if isinstance(given.get("class_weight"), tuple):  # which the cache can hold
        given["class_weight"] = dict(given["class_weight"])
    return kind(**given).fit(table, target=names if len(names) > 1 else names[0])


def new_rows(**columns):
    """Rows as they come later: missing cells and unknown values everywhere, and extremes."""
    table = {name: cells[:40] for name, cells in mixed_table(**columns).items()}
    table["도시"][:4] = ["Rom", None, "", "서울"]
    table["street"][:3] = ["nowhere", None, "street 1"]
    table["zip"][:5] = [1000.0, 0.0, 7.0, None, 2500.5]
    table["area"][:5] = [None, 1e30, -1e30, float("inf"), 0.0]
    table["built"][:2] = [1.6e9 + 0.25, None]
    table["rent"][:2] = [None, "12 €"]
    table["lift"][:3] = [None, "yes", "no"]
    table["new"][:2] = [None, True]
    return table


def matrix():
    """Rows of an MLP..."""
    random = np.random.default_rng(2)
    return random.normal(size=(60, 3)).astype("float32")


@cache
def mlp(name):
    """A model of a matrix."""
    x = matrix()
    labels = np.array(["c", "a", "b"])[np.arange(60) % 3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three epochs are too few, as they should be
        if name == "regressor":
            return MLPRegressor(hidden_layer_sizes=4, max_iter=3, random_state=0).fit(x, x[:, 0])
        y = {
            "three": labels,
            "two": labels == "a",
            "labels": np.column_stack([labels == "a", labels == "b"]).astype(int),
        }[name]
        return MLPClassifier((4, 4), max_iter=3, random_state=0, class_weight=None).fit(x, y)


def networks():
    """Networks with everything that an architecture can have."""
    everything = {
        "plain": Architecture([3, 4, 2]),
        "normalised": Architecture([3, 4, 4, 1], "silu", normalization="batch", residual=True),
        "layer norm": Architecture([3, 4, 4, 1], "prelu", normalization="layer"),
        "codes": Architecture(
            [2, 5, 3], "mish", "softmax", embeddings=[Embedding(4, 2), OneHot(3)],
            pieces=[3, 0], input_scale=True,
        ),
        "codes alone": Architecture([0, 5, 3], output="softmax", embeddings=[OneHot(3)]),
        "periodic": Architecture([2, 5, 1], output="exp", periodic=Periodic(3), pieces=[0, 2]),
        "tangent": Architecture([3, 6, 1], "tanh", "sigmoid", scaling="neural_tangent"),
        "no hidden layer": Architecture([3, 2]),
    }  # fmt: skip
    made = {}
    for seed, (name, architecture) in enumerate(everything.items()):
        net = Network(architecture, seed=seed)
        random = np.random.default_rng(seed)
        net.vector += 0.3 * random.normal(size=net.vector.size).astype("float32")
        net.state[:] = np.sort(random.random(net.state.size)) + 0.1
        made[name] = net
    return made


def inputs_of(network, n=20):
    """(x, codes) for a network."""
    random = np.random.default_rng(5)
    architecture = network.architecture
    x = random.normal(size=(n, architecture.n_inputs)).astype("float32")
    codes = [random.integers(0, e.n_values, n) for e in architecture.embeddings]
    return x, np.array(codes, np.int64).reshape(len(codes), n).T
