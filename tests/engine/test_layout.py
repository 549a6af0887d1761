"""The layout: blocks cover the vector without gaps, tasks cover it once, buffers fit."""

import itertools

import numpy as np
import pytest
from hypothesis import given

from layerwise.architecture import Architecture, Embedding, Periodic
from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.program import task_part
from layerwise.engine.compiled.step_table import plan_of
from layerwise.engine.compiled.team import owners_of_tasks
from layerwise.engine.layout import GROUPS, layout_of
from tests.helpers.strategies import architectures
from tests.helpers.work import calls_made


@given(architectures())
def test_blocks_follow_each_other_without_gaps(architecture):
    layout = layout_of(architecture)
    for blocks, size in [
        (layout.blocks, layout.size),
        (layout.state_blocks, layout.state_size),
    ]:
        starts = [0, *(block.stop for block in blocks)]
        assert [block.start for block in blocks] == starts[:-1]
        assert starts[-1] == size
        assert all(block.size == np.prod(block.shape) for block in blocks)
        names = [block.name for block in blocks]
        assert len(set(names)) == len(names)


@given(architectures())
def test_the_vector_holds_what_the_architecture_counts(architecture):
    layout = layout_of(architecture)
    assert layout.size == architecture.n_parameters
    for kind, counts in [
        ("weights", architecture.weight_counts),
        ("biases", architecture.bias_counts),
    ]:
        assert tuple(block.size for block in layout.blocks if block.kind == kind) == counts


@given(architectures())
def test_each_block_is_found_again(architecture):
    layout = layout_of(architecture)
    for block in (*layout.blocks, *layout.state_blocks):
        assert layout.of(block.placed)[block.kind] == block
        assert layout.offset(block.placed, block.kind) == block.start
        assert layout.offset(block.placed, "nothing") == -1


def test_every_kind_of_block():
    architecture = Architecture(
        [2, 3, 1],
        "prelu",
        normalization="batch",
        embeddings=[Embedding(5, 4)],
        periodic=Periodic(2),
        input_scale=True,
    )
    layout = layout_of(architecture)
    assert [(block.name, block.shape, GROUPS[block.group]) for block in layout.blocks] == [
        ("codes 1.embedding", (5, 4), "embeddings"),
        ("inputs.frequencies", (2, 2), "scales"),
        ("inputs.scale", (12,), "scales"),
        ("hidden 1.weights", (12, 3), "weights"),
        ("hidden 1.biases", (3,), "biases"),
        ("hidden 1.slope", (3,), "scales"),
        ("output.gain", (3,), "scales"),
        ("output.shift", (3,), "scales"),
        ("output.weights", (3, 1), "weights"),
        ("output.biases", (1,), "biases"),
    ]
    assert [block.name for block in layout.state_blocks] == ["output.mean", "output.variance"]


def parts_of(plan):
    """(start, stop, group) of every run of parameters that some task updates."""
    for task in plan.tasks:
        for part in range(5):
            start, stop, group = task_part.py_func(part, task, plan.steps[task[at.TASK_STEP]])
            if start >= 0:
                yield int(start), int(stop), int(group)


@given(architectures())
def test_tasks_cover_each_parameter_once(architecture):
    layout = layout_of(architecture)
    updates = np.zeros(layout.size, int)
    groups = np.full(layout.size, -1)
    for start, stop, group in parts_of(plan_of(architecture, True)):
        updates[start:stop] += 1
        groups[start:stop] = group
    assert (updates == 1).all()
    for block in layout.blocks:
        assert (groups[block.start : block.stop] == block.group).all()


@pytest.mark.parametrize(
    "options",
    [{}, {"normalization": "layer"}, {"activation": "prelu"}, {"embeddings": [Embedding(9, 400)]}],
    ids=str,
)
def test_large_layers_are_several_tasks_that_cover_each_parameter_once(options):
    architecture = Architecture([300, 400, 33_000, 2], **options)
    plan = plan_of(architecture, True)
    assert len(plan.tasks) > 100
    updates = np.zeros(architecture.n_parameters, np.int8)
    for start, stop, _ in parts_of(plan):
        updates[start:stop] += 1
    assert (updates == 1).all()


@given(architectures())
def test_buffers_lie_within_the_workspace(architecture):
    for training in (True, False):
        plan = plan_of(architecture, training)
        buffers = plan.steps[:, at.BUFFERS]
        assert buffers.min() >= -1
        assert buffers.max() < plan.row_size
        assert 0 <= plan.scores < plan.row_size
        for capacity in (1, 16):
            places = plan.steps_for(capacity)[:, at.BUFFERS]
            assert (places[buffers >= 0] == capacity * buffers[buffers >= 0]).all()
            assert (places[buffers < 0] == -1).all()


@given(architectures())
def test_what_the_backward_pass_reads_is_not_written_over(architecture):
    """While training, inputs and slopes of different layers stand in places of their own."""
    plan = plan_of(architecture, True)
    dense = plan.steps[plan.steps[:, at.KIND] == at.DENSE]
    kept = [
        (int(step[column]), int(step[column] + step[width] + 1))
        for step in dense
        for column, width in [(at.INPUT, at.FAN_IN), (at.SLOPE, at.FAN_OUT)]
    ]
    for (_, stop), (start, _) in itertools.pairwise(sorted(kept)):
        assert stop <= start


def test_one_plan_for_equal_architectures():
    assert plan_of(Architecture([3, 4, 1]), True) is plan_of(Architecture.parse("3-4-1"), True)


def test_work_to_plan_a_network_grows_no_faster_than_its_depth():
    def planned(n_layers: int) -> None:
        architecture = Architecture([8] * (n_layers + 1), normalization="layer", residual=True)
        assert len(plan_of(architecture, True).steps) == 2 * n_layers + 1

    few, many = (calls_made(lambda n=n: planned(n)) for n in (100, 1000))
    assert many < 11 * few


class TestOwners:
    @pytest.mark.parametrize("n_threads", [1, 2, 5])
    def test_each_task_has_one_and_none_has_much_more(self, n_threads):
        costs = np.array([5, 90, 10, 40, 40, 1, 1, 1, 60, 30])
        owners = owners_of_tasks(costs, n_threads)
        load = np.bincount(owners, costs, minlength=n_threads)
        assert load.sum() == costs.sum()
        assert load.max() <= costs.sum() / n_threads + costs.max()
