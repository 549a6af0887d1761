import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.architecture import ACTIVATIONS
from layerwise.study.configurations import Inputs, configurations_of, equal_sizes, parse_numbers
from layerwise.study.one_fit import _recipe
from layerwise.study.plan import make_plan
from layerwise.study.results import StudyError

INPUTS = Inputs(10, (), 2, 33, 8)


def test_the_grid_has_the_linear_model_once():
    made = configurations_of(INPUTS, [3, 0, 1, 1, 0], [64, 16], ["tanh", "relu"])
    assert [c.number for c in made] == list(range(9))
    assert [c.name for c in made[:4]] == ["linear", "1 x 16 tanh", "1 x 16 relu", "1 x 64 tanh"]
    assert {c.depth for c in made} == {0, 1, 3}


def test_the_linear_model_is_there_unasked():
    assert [c.depth for c in configurations_of(INPUTS, [2], [8], ["relu"])] == [0, 2]
    assert [c.name for c in configurations_of(INPUTS, [0], [], [])] == ["linear"]


@pytest.mark.parametrize(
    ("depths", "widths", "activations", "said"),
    [
        ([], [8], ["relu"], "no depth to try"),
        ([1], [], ["relu"], "no width to try"),
        ([1], [8], [], "no activation to try"),
        ([-1], [8], ["relu"], "depth must be from 0 to 1,000; got -1"),
        ([1.5], [8], ["relu"], "depth must be a whole number; got 1.5"),
        ([1], [0], ["relu"], "width must be from 1"),
        ([1], [8], ["rleu"], "did you mean 'relu'"),
        ([10**6], [8], ["relu"], "depth must be from 0 to 1,000"),
    ],
)
def test_grids_that_are_refused(depths, widths, activations, said):
    with pytest.raises(StudyError, match=said):
        configurations_of(INPUTS, depths, widths, activations)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0-6", tuple(range(7))), ("1,2,4", (1, 2, 4)), (" 0 - 2 , 8,8", (0, 1, 2, 8)), ("5", (5,))],
)
def test_numbers_as_they_are_typed(text, numbers):
    assert parse_numbers(text, "depth") == numbers


@pytest.mark.parametrize("text", ["", "3-1", "a", "1,,2", "1-2-3", "1.5", "99999999", "-2", "2-"])
def test_numbers_that_are_not_understood(text):
    with pytest.raises(StudyError, match="depth"):
        parse_numbers(text, "depth")


def test_a_depth_below_zero_is_named():
    with pytest.raises(StudyError, match="depth -2 is below 0"):
        parse_numbers("-2", "depth")


@given(
    n_inputs=st.integers(1, 60),
    code_sizes=st.lists(st.integers(2, 60), max_size=3),
    n_outputs=st.integers(1, 12),
    depths=st.lists(st.integers(1, 16), min_size=1, max_size=4, unique=True),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    parameters=st.integers(1, 60_000),
)
def test_equal_sizes_are_within_two_percent_and_the_nearest(
    n_inputs, code_sizes, n_outputs, depths, activation, parameters
):
    inputs = Inputs(n_inputs, tuple(code_sizes), n_outputs, 33, 8)

    def off(hidden):
        return abs(inputs.n_parameters(hidden, activation) - parameters)

    try:
        found = equal_sizes(inputs, depths, activation, parameters)
    except StudyError as error:
        assert "within 2 %" in str(error)
        # A node more or less changes the count by less than this: so none can be refused above.
        assert parameters < 60 * (sum(code_sizes) + n_inputs + n_outputs + 200)
        return
    assert [len(hidden) for hidden in found] == depths
    for hidden in found:
        low, high = min(hidden), max(hidden)
        assert high - low <= 1
        assert list(hidden) == sorted(hidden, reverse=True)
        assert off(hidden) <= 0.02 * parameters
        if low == high:
            others = [w for w in (low - 1, low + 1) if w]
            assert all(off(hidden) <= off((w,) * len(hidden)) for w in others)
        else:
            assert min(off((w,) * len(hidden)) for w in (low, high)) > 0.02 * parameters


def test_twenty_thousand_parameters_at_all_depths_to_sixteen():
    for inputs in (INPUTS, Inputs(54, (7, 40), 7, 33, 8), Inputs(1, (), 1, 33, 8)):
        made = configurations_of(inputs, range(1, 17), (), ["relu", "tanh", "gelu"], 20_000)
        assert len(made) == 1 + 16 * 3
        assert all(abs(c.n_parameters - 20_000) <= 400 for c in made[1:])
        assert made[-1].name.startswith("16 x 3")


@given(st.integers(1, 16), st.floats(0.1, 0.97))
def test_a_budget_too_small_is_refused_with_the_numbers(depth, share):
    least = INPUTS.n_parameters((1,) * depth, "relu")
    parameters = int(share * least)
    with pytest.raises(StudyError, match=f"depth {depth} has at least {least:,}"):
        equal_sizes(INPUTS, [depth], "relu", parameters)


def test_what_comes_nearest_is_named():
    with pytest.raises(StudyError, match=r"depth 2 comes nearest with 307, hidden layers 2-1"):
        equal_sizes(Inputs(100, (), 1, 33, 8), [2], "relu", 260)


def test_the_count_is_that_of_the_networks(small, rows):
    from layerwise.ensemble.ensemble_training import network_for

    study = small(depth=[0, 1, 2, 5], width=[3, 8], activation=["relu", "prelu"])
    table = study.rows(*rows)
    plan = make_plan(study, table)
    fold = table.fold(table.splits(3, 1, 0)[0, 1], 0)
    for configuration in plan.configurations:
        recipe = _recipe(fold, configuration, plan)
        network = network_for(fold.problem, range(len(fold.problem)), recipe, 0, 0)
        assert network.n_parameters == configuration.n_parameters
        assert not any(network.architecture.pieces)
