"""Random architectures and letters for hypothesis."""

from hypothesis import strategies as st

from layerwise.architecture import (
    ACTIVATIONS,
    INITIALIZATIONS,
    OUTPUTS,
    Architecture,
    Embedding,
    OneHot,
    Periodic,
)

# Whatever UTF-8 can write. By the name of an encoding, hypothesis tries a million letters first.
LETTERS = st.characters(exclude_categories=["Cs"])

embeddings = st.builds(Embedding, st.integers(1, 5), st.integers(1, 4)) | st.builds(
    OneHot, st.integers(2, 5)
)
periodics = st.builds(
    Periodic, st.integers(1, 3), st.floats(0.01, 2.0, allow_nan=False, allow_infinity=False)
)


@st.composite
def architectures(draw: st.DrawFn, most_hidden: int = 4, widest: int = 9) -> Architecture:
    """Any architecture of small layers. Widths repeat, so that residual connections occur."""
    tables = draw(st.lists(embeddings, max_size=2))
    periodic = draw(st.none() | periodics)
    n_inputs = draw(st.integers(0 if tables else 1, 5))
    columns = 2 * periodic.n_frequencies if periodic else 1
    pieces = draw(st.just([]) | st.lists(st.integers(0, 4), min_size=n_inputs, max_size=n_inputs))
    input_width = n_inputs * columns + sum(pieces) + sum(table.size for table in tables)
    widths = st.sampled_from([input_width, draw(st.integers(1, widest)), 3])
    hidden = draw(st.lists(widths, max_size=most_hidden))
    norms, n = st.sampled_from([None, "batch", "layer"]), len(hidden) + 1
    return Architecture(
        [n_inputs, *hidden, draw(st.integers(1, 4))],
        draw(_one_for_each(hidden, st.sampled_from(sorted(ACTIVATIONS)))),
        draw(st.sampled_from(sorted(OUTPUTS))),
        normalization=draw(norms | st.lists(norms, min_size=n, max_size=n)),
        residual=draw(st.booleans() | _one_for_each(hidden, st.booleans())),
        dropout=draw(st.just(0.0) | _one_for_each(hidden, st.sampled_from([0.0, 0.2, 0.5]))),
        input_scale=draw(st.booleans()),
        embeddings=tables,
        periodic=periodic,
        pieces=pieces,
        initialization=draw(st.none() | st.sampled_from(sorted(INITIALIZATIONS))),
        scaling=draw(st.sampled_from(["standard", "depth", "neural_tangent"])),
    )


def _one_for_each(hidden: list[int], values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, min_size=len(hidden), max_size=len(hidden))
