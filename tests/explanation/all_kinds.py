"""Explanations of every kind of model, with everything that one can say."""

from layerwise import Architecture, Network, explain
from tests.store.small_models import (
    inputs_of,
    matrix,
    mixed_table,
    mlp,
    networks,
    new_rows,
    table_model,
    targets,
)

EVERY_KIND = {"dates": True, "text": True, "times": True}


def row_of(table, i):
    return {name: cells[i] for name, cells in table.items()}


def explanations(**given):
    """Name and explanation of each; `given` goes to `explain`."""
    known, new = mixed_table(**EVERY_KIND), new_rows(**EVERY_KIND)
    yield from _of_tables(known, new, given)
    x = matrix()
    for name, answer in (("three", "a"), ("two", True), ("regressor", 0.5)):
        yield name, explain(mlp(name), x[0], answer=answer, **given)
    for name, network in networks().items():
        numbers, codes = inputs_of(network, 1)
        n_outputs = network.architecture.n_outputs
        answer = 1 if network.architecture.output == "softmax" else [1.0] * n_outputs
        options = {"codes": codes} if codes.size else {}
        yield name, explain(network, numbers[0], answer=answer, top=2, **options, **given)
        yield f"{name} alone", explain(network, numbers[0], **options, **given)
    large = Network(Architecture([3, 12, 9], output="softmax"), seed=0)
    large.vector[:] *= 200
    yield "large scores", explain(large, [1, 2, 3], answer=1, loss="softmax", **given)
    deep = Network(Architecture([3, 4, 4, 4, 1], "tanh", dropout=0.1, residual=True), seed=0)
    for loss in ("huber", "quantile", "absolute"):
        yield loss, explain(deep, [1, 2, 3], answer=1.0, loss=loss, **given)


def _of_tables(known, new, given):
    two = table_model("two", **EVERY_KIND)
    answered = row_of(known | {"two": targets()["two"]}, 7)
    yield "answered", explain(two, answered, table=known | {"two": targets()["two"]}, **given)
    yield "one of two", explain(two, answered, of="no", baseline=row_of(known, 3), **given)
    for i in range(5):
        yield f"new {i}", explain(two, row_of(new, i), top=2, member=2, **given)
    yield "everything", explain(two, row_of(known, 1), answer="no", top=None, **given)
    weighted = table_model(
        "three", **EVERY_KIND, class_weight=(("a", 20.0), ("b", 1.0), ("c", 1.0))
    )
    yield "weighted", explain(weighted, row_of(new, 2), answer="c", **given)
    moved = table_model("two", class_weight=(("no", 30.0), ("yes", 1.0)))
    yield "threshold", explain(moved, row_of(mixed_table(), 2), answer="yes", **given)
    price = table_model("price", **EVERY_KIND)
    yield "number", explain(price, row_of(known, 5), answer=1e5, weights="h1_2", **given)
    both = table_model("price,width")
    row = row_of(mixed_table(), 5)
    yield "numbers", explain(both, row, answer=[1e5, 5.0], **given)
    lacking = {name: cell for name, cell in row.items() if name != "one"} | {"beside": 1}
    yield "lacking", explain(both, lacking | {"price": "many", "width": 3.0}, **given)
