"""Whatever a page says, in whatever order, it is answered, and its network stays sound."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerwise.architecture import ACTIVATIONS
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.playground.choices import DATA
from layerwise.training import OPTIMIZERS, SCHEDULES
from tests.playground.pages import Talk, opened

PLACE = st.one_of(st.none(), st.integers(-1, 9))
NUMBER = st.sampled_from([-1e299, -1e5, -1.0, 0.0, 1e-30, 0.3, 1e20])
CHOICE = st.one_of(
    st.fixed_dictionaries({"data": st.sampled_from(DATA), "rows": st.integers(10, 60)}),
    st.fixed_dictionaries({"layers": st.sampled_from(["", "1:relu", "3:tanh:0.5,3:prelu"])}),
    st.fixed_dictionaries({"layers": st.sampled_from(sorted(ACTIVATIONS)).map("4:{}".format)}),
    st.fixed_dictionaries({"optimizer": st.sampled_from(sorted(OPTIMIZERS))}),
    st.fixed_dictionaries({"schedule": st.sampled_from(sorted(SCHEDULES))}),
    st.fixed_dictionaries({"rate": st.sampled_from([1e-7, 0.1, 100.0])}),
    st.fixed_dictionaries({"normalization": st.sampled_from(["", "layer", "batch"])}),
    st.fixed_dictionaries({"initialization": st.sampled_from(sorted(INITIALIZATIONS))}),
    st.fixed_dictionaries({"batch": st.sampled_from([1, 2, 4096]), "epochs": st.integers(1, 50)}),
    st.fixed_dictionaries({"test": st.sampled_from([0, 0.9]), "seed": st.integers(0, 3)}),
    st.just({"points": "0,0,0;1,1,1;2,2,0;3,3,1;1,2,5", "data": "points"}),
    st.fixed_dictionaries({"smoothing": st.sampled_from([0, 0.3]), "l1": st.sampled_from([0, 1])}),
    st.fixed_dictionaries({"loss": st.sampled_from(["", "huber", "softmax", "poisson"])}),
    st.fixed_dictionaries({"residual": st.sampled_from(["", "1"])}),
    st.fixed_dictionaries({"plane": st.sampled_from(["", "x2,x1", "x1,x1"])}),
    st.just({"held": "x1=2"}),
)  # fmt: skip
MESSAGE = st.one_of(
    st.tuples(st.just("choose"), st.fixed_dictionaries({"choices": CHOICE})),
    st.tuples(st.just("play"), st.fixed_dictionaries({"speed": st.sampled_from([0, 1, 60, -1])})),
    st.tuples(st.sampled_from(["pause", "reset", "code"]), st.just({})),
    st.tuples(
        st.just("step"),
        st.fixed_dictionaries({"unit": st.sampled_from(["phase", "step", "epoch"])}),
    ),
    st.tuples(
        st.just("weight"),
        st.fixed_dictionaries(
            {"layer": st.integers(-1, 3), "from": PLACE, "to": st.integers(-1, 5), "value": NUMBER}
        ),
    ),
    st.tuples(st.just("point"), st.fixed_dictionaries({"row": PLACE, "x": NUMBER, "y": NUMBER})),
    st.tuples(
        st.just("explain"),
        st.fixed_dictionaries(
            {
                "what": st.sampled_from(["node", "weight", "output"]),
                "layer": PLACE,
                "node": PLACE,
                "from": PLACE,
                "to": PLACE,
            }
        ),
    ),
)


@pytest.mark.filterwarnings("error")
@given(st.lists(MESSAGE, max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_talk_is_answered(messages):
    talk = Talk()
    try:
        talk.hello(rows=40, batch=16)
        for kind, fields in messages:
            said = talk.say(kind, **fields)
            for one in said:
                if isinstance(one, bytes):
                    header, arrays = opened(one)
                    assert np.isfinite(arrays["vector"]).all()
                    assert np.isfinite(arrays["spans"]).all()
                    talk.seen(header)
                else:
                    assert one["type"] in {"made", "trouble", "code", "formula"}
                    assert one.get("closes") is not True
    finally:
        talk.page.close()
