"""A page's session: what it is told is what its network is, step by step."""

import re

import numpy as np
import pyarrow as pa
import pytest

from layerwise import Network
from layerwise.playground.material import Material
from layerwise.playground.messages import read
from tests.playground.pages import Talk, opened, page_table


@pytest.fixture
def talk():
    talk = Talk()
    yield talk
    talk.page.close()


def blocks(made, vector, kind):
    """The weights or biases of each layer, from a frame's vector."""
    for start, *shape in made["vector"][kind]:
        yield vector[start : start + int(np.prod(shape))].reshape(shape)


def by_hand(made, vector, x):
    """What each layer gives, by the weights shown, for networks of tanh and a softmax."""
    values = []
    weights, biases = (list(blocks(made, vector, kind)) for kind in ("weights", "biases"))
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = x @ w.astype(float) + b
        if i < len(weights) - 1:
            x = np.tanh(x)
        values.append(x)
    return values


def test_it_begins_with_what_there_is_the_network_and_a_frame(talk):
    welcome, made, (header, arrays) = talk.hello(data="spirals", arms="3", layers="5:tanh")
    assert welcome["type"] == "welcome"
    assert {"circles", "digits"} <= {one["name"] for one in welcome["datasets"]}
    assert all(one["formula"] for one in welcome["activations"] + welcome["optimizers"])
    assert made["task"]["classes"] == ["0", "1", "2"]
    assert made["choices"]["arms"] == 3
    assert [layer["nodes"] for layer in made["layers"]] == [5, 3]
    assert (header["step"], header["epoch"], header["playing"]) == (0, 0, False)
    assert arrays["nodes"].shape == (5, 40, 40)
    assert arrays["outputs"].shape == (3, 40, 40)
    assert len(arrays["vector"]) == made["parameters"]
    assert len(made["rows"]["x"]) == 300
    assert sum(made["rows"]["test"]) == made["n_test"] == 90


def test_an_address_that_cannot_be_shown_is_said_and_the_page_begins(talk):
    welcome, made, trouble, _ = talk.say("hello", choices={"layers": "8:rlu"})
    assert "did you mean 'relu'" in trouble["text"]
    assert made["type"] == "made"


def test_pictures_of_nodes_and_outputs_are_those_of_the_weights_shown(talk):
    _, made, (_, arrays) = talk.hello(data="blobs", layers="4:tanh,3:tanh")
    along = np.linspace(-6, 6, 40)
    grid = np.array([[a, b] for b in along for a in along])
    values = by_hand(made, arrays["vector"], grid)
    hidden = np.concatenate(values[:-1], axis=1).T.reshape(-1, 40, 40)
    shown = arrays["nodes"] / 127 * arrays["spans"][:, None, None]
    assert np.abs(shown - hidden).max() < 1 / 127
    scores = values[-1]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert np.abs(arrays["outputs"] / 255 - p.T.reshape(-1, 40, 40)).max() < 0.003


def test_a_point_is_followed_forward_and_backward(talk):
    _, made, (_, arrays) = talk.hello(data="xor")
    header, arrays = talk.frame(talk.say("point", row=7))
    assert header["row"] == 7
    place = made["rows"]["row"].index(7)
    x = np.array([made["rows"]["x"][place], made["rows"]["y"][place]])
    values = by_hand(made, arrays["vector"], x)
    assert np.concatenate(values) == pytest.approx(arrays["row_values"], abs=1e-5)
    right = int(made["rows"]["target"][place])
    p = np.exp(values[-1]) / np.exp(values[-1]).sum()
    assert arrays["row_loss"][0] == pytest.approx(-np.log(p[right]), abs=1e-5)
    wanted = p - np.eye(2)[right]
    assert arrays["row_grad"][-2:] == pytest.approx(wanted, abs=1e-5)
    of_weights = list(blocks(made, arrays["row_weight_grad"], "weights"))[-1]
    assert of_weights == pytest.approx(np.outer(values[-2], wanted), abs=1e-5)


def test_a_place_of_the_plane_is_followed_without_an_answer(talk):
    talk.hello(data="xor")
    header, arrays = talk.frame(talk.say("point", x=1.5, y=-2))
    assert header["row"] is None
    assert arrays["row_inputs"].tolist() == [1.5, -2]
    assert "row_grad" not in arrays
    _, arrays = talk.frame(talk.say("point"))
    assert "row_inputs" not in arrays


def test_one_step_is_one_step_and_an_epoch_ends_one(talk):
    _, made, _ = talk.hello(batch="50", rows="100", test="0")
    assert made["steps_per_epoch"] == 2
    header, _ = talk.frame(talk.say("step", unit="step"))
    assert (header["step"], header["epoch"], header["into_epoch"]) == (1, 0, 1)
    header, _ = talk.frame(talk.say("step", unit="epoch"))
    assert (header["step"], header["epoch"], header["into_epoch"]) == (2, 1, 0)


def test_a_step_in_its_parts_changes_the_weights_in_the_last_alone(talk):
    _, made, (_, first) = talk.hello(layers="3:tanh")
    names = []
    while True:
        header, arrays = talk.frame(talk.say("step", unit="phase"))
        names.append((header["phase"]["name"], header["phase"]["layer"]))
        if names[-1][0] == "update":
            break
        assert np.array_equal(arrays["vector"], first["vector"])
        assert "row_values" in arrays  # a row of the batch is followed
    assert names == [("forward", 0), ("forward", 1), ("loss", 1), ("backward", 1),
                     ("backward", 0), ("update", 0)]  # fmt: skip
    assert header["step"] == 1
    assert not np.array_equal(arrays["vector"], first["vector"])
    header, _ = talk.frame(talk.say("step", unit="phase"))
    assert header["phase"]["name"] == "forward"


def test_playing_learns_and_shows_thirty_times_a_second_at_most(talk):
    talk.hello(data="blobs", rows="100")
    before = talk.frame(talk.say("play", speed=60))[0]
    frames = []
    for _ in range(200):
        for message in talk.turn(0.005):
            header, _ = opened(message)
            frames.append(header)
            talk.seen(header)
    assert 15 <= len(frames) <= 31  # in a second
    assert frames[-1]["epoch"] - before["epoch"] == pytest.approx(60, abs=4)
    assert frames[-1]["loss"][0] < before["loss"][0]
    header, _ = talk.frame(talk.say("pause"))
    assert header["playing"] is False
    assert talk.turn(1.0) == []
    assert talk.due is None


def test_a_page_that_has_not_drawn_is_sent_no_second_frame(talk):
    talk.hello()
    (first,) = talk.say("play", speed=60)
    for _ in range(20):
        assert talk.turn(0.1) == []
    header, _ = opened(first)
    talk.seen(header)
    later, _ = talk.frame(talk.turn())
    assert later["step"] > header["step"] + 10  # it learned all the same


def test_a_weight_set_by_hand_changes_the_loss(talk):
    _, made, (header, _) = talk.hello()
    said = talk.say("weight", layer=0, **{"from": 1}, to=2, value=5.0)
    changed, arrays = talk.frame(said)
    assert next(blocks(made, arrays["vector"], "weights"))[1, 2] == 5.0
    assert changed["loss"] != header["loss"]
    _, arrays = talk.frame(talk.say("weight", layer=1, to=0, value=-2.5))
    assert list(blocks(made, arrays["vector"], "biases"))[1][0] == -2.5
    assert "no such number" in talk.ask("weight", layer=0, **{"from": 9}, to=0, value=1)["text"]
    assert "there is no layer 9" in talk.ask("weight", layer=9, to=0, value=1)["text"]


def test_a_nodes_formula_can_be_computed_from_the_weights_shown(talk):
    _, made, _ = talk.hello(layers="3:tanh")
    _, arrays = talk.frame(talk.say("point", row=0))
    html = talk.ask("explain", what="node", layer=0, node=1)["html"]
    text = re.sub(r"<.*?>", "", html).replace("−", "-").replace("·", "*")
    stages = [re.sub(r"\s", "", stage) for stage in text.split("=")]
    with_numbers = next(stage for stage in stages if "tanh" in stage and "x1" not in stage)
    value = eval(with_numbers, {"tanh": np.tanh})
    assert value == pytest.approx(arrays["row_values"][1], abs=2e-3)
    weights = next(blocks(made, arrays["vector"], "weights"))
    assert f"{abs(weights[0, 1]):.3f}"[:4] in text


def test_the_chain_rule_ends_with_the_gradient_shown(talk):
    _, made, _ = talk.hello(layers="3:tanh")
    _, arrays = talk.frame(talk.say("point", row=5))
    shown = next(blocks(made, arrays["row_weight_grad"], "weights"))[1, 2]
    html = talk.ask("explain", what="weight", layer=0, **{"from": 1}, to=2)["html"]
    text = re.sub(r"<.*?>", "", html.replace("·10<sup>", "e")).replace("−", "-")
    numbers = [float(one) for one in re.findall(r"= (-?[\d.]+(?:e-?\d+)?)(?![\d.·])", text)]
    assert any(one == pytest.approx(shown, rel=0.02, abs=1e-6) for one in numbers)
    talk.say("point", x=0, y=0)
    assert "choose one of the rows" in talk.ask("explain", what="weight", layer=0, to=1)["text"]


def test_the_output_is_worked_out(talk):
    talk.hello(data="blobs")
    talk.frame(talk.say("point", row=0))
    html = talk.ask("explain", what="output")["html"]
    assert "Softmax" in html
    assert "loss" in html


def test_formulas_are_in_the_pages_language(talk):
    talk.hello()
    talk.frame(talk.say("step", unit="epoch"))
    asked = {"what": "weight", "layer": 0, "from": 0, "to": 0}
    assert "chain rule" in talk.ask("explain", **asked)["html"]
    talk.say("hello", choices={}, language="ko")
    assert talk.page.learner.epoch == 1  # the network stays
    html = talk.ask("explain", **asked)["html"]
    assert "chain rule" not in html
    assert "연쇄" in html


def test_before_the_first_step_there_is_no_gradient_and_then_it_stays(talk):
    _, _, (header, _) = talk.hello(layers="3:tanh")
    assert header["gradient"] == [None, None]
    header, arrays = talk.frame(talk.say("step", unit="step"))
    assert min(header["gradient"]) > 0
    _, frame = talk.say("choose", choices={"rate": 0.5})  # no step was taken since
    assert opened(frame)[0]["gradient"] == header["gradient"]
    assert np.array_equal(opened(frame)[1]["grad"], arrays["grad"])


def test_contributions_that_are_not_shown_are_not_found(talk, monkeypatch):
    def never(*given):
        raise AssertionError("they take longest: of 98 layers a second")

    monkeypatch.setattr("layerwise.explanation.explained_row.integrated_gradients", never)
    talk.hello()
    assert talk.ask("explain", what="weight", layer=0, **{"from": 0}, to=0)["type"] == "formula"
    assert talk.ask("explain", what="output")["type"] == "formula"


def test_a_change_of_learning_keeps_the_network(talk):
    talk.hello()
    talk.frame(talk.say("step", unit="epoch"))
    made, frame = talk.say("choose", choices={"rate": 0.5, "optimizer": "sgd"})
    assert made["kept"] is True
    header, _ = opened(frame)
    assert header["epoch"] == 1
    talk.seen(header)
    made, frame = talk.say("choose", choices={"layers": "2:relu"})
    assert made["kept"] is False
    assert opened(frame)[0]["epoch"] == 0


def test_a_reset_gives_the_first_weights_again(talk):
    _, _, (_, first) = talk.hello()
    talk.frame(talk.say("step", unit="epoch"))
    talk.frame(talk.say("weight", layer=0, **{"from": 0}, to=0, value=9))
    _, again = talk.frame(talk.say("reset"))
    assert np.array_equal(first["vector"], again["vector"])


def test_a_wrong_choice_is_said_and_nothing_changes(talk):
    talk.hello(layers="3:tanh")
    answer = talk.ask("choose", choices={"layers": "3:tanhh"})
    assert answer == {
        "type": "trouble",
        "text": answer["text"],
        "closes": False,
    }
    assert "did you mean 'tanh'" in answer["text"]
    assert "epochs" not in answer["text"]
    header, arrays = talk.frame(talk.say("step", unit="step"))
    assert arrays["nodes"].shape[0] == 3


def test_what_diverges_is_said_and_playing_ends(talk):
    talk.hello(data="plane", optimizer="sgd", rate="100", layers="4:identity,4:identity")
    talk.frame(talk.say("play", speed=0))
    for _ in range(200):
        texts = [one for one in talk.turn() if isinstance(one, dict)]
        if texts:
            break
    assert "smaller learning rate" in texts[0]["text"]
    assert talk.due is None


def test_training_ends_at_the_epochs_chosen(talk):
    talk.hello(epochs="3")
    talk.frame(talk.say("play", speed=0))
    for _ in range(50):
        for message in talk.turn():
            header, _ = opened(message)
            talk.seen(header)
    assert header["stopped"] == "epochs"
    assert header["epoch"] == 3
    assert "epochs that were chosen are over" in talk.ask("step", unit="step")["text"]


def test_the_plane_and_what_is_held_can_be_chosen(talk):
    _, made, (_, first) = talk.hello(data="digits", rows="100", layers="4:tanh")
    assert len(made["inputs"]) == 64
    names = [made["inputs"][20]["name"], made["inputs"][30]["name"]]
    plane = ",".join(name.replace(" ", "%20") for name in names)
    made, frame = talk.say("choose", choices={"plane": plane, "held": "r1%20c3=0.7"})
    assert made["kept"] is True
    assert made["plane"] == [20, 30]
    assert made["held"][2] == pytest.approx(0.7)
    assert not np.array_equal(opened(frame)[1]["nodes"], first["nodes"])
    talk.seen(opened(frame)[0])
    assert "the plane has two inputs" in talk.ask("choose", choices={"plane": "a,b"})["text"]
    made, frame = talk.say("choose", choices={"data": "xor"})  # whose inputs are others
    assert made["plane"] == [0, 1]
    assert made["choices"]["plane"] == made["choices"]["held"] == ""
    talk.seen(opened(frame)[0])
    assert talk.say("choose", choices={"rate": 0.5})[0]["kept"] is True


def test_numbers_have_a_surface_and_predictions_in_their_own_units(talk):
    table = pa.table({"x": np.arange(50.0), "price": 1000 + 10 * np.arange(50.0)})
    talk = Talk(table=page_table("houses.csv", table, "price"))
    welcome, made, (header, arrays) = talk.hello()
    assert welcome["table"]["target"] == "price"
    assert made["task"] == {
        "kind": "number", "classes": [], "target": "price", "score": "R²",
        "loss": {"name": "squared", "formula": "(p - y)² / 2"},
    }  # fmt: skip
    assert made["plane"] == [0, 0]
    assert arrays["range"].tolist() == [1000, 1490]
    assert header["confusion"] is None
    assert arrays["predicted"].shape == (50,)
    assert 500 < arrays["predicted"].mean() < 2000
    talk.page.close()


def test_a_table_of_categories_alone_has_no_plane_and_is_shown():
    table = pa.table({"a": ["x", "y", "z"] * 20, "b": ["u", "v"] * 30, "c": ["no", "yes"] * 30})
    talk = Talk(table=page_table("t.csv", table, "c"))
    _, made, (_, arrays) = talk.hello()
    assert made["plane"] == []
    assert sorted(made["inputs"][0]["values"]) == ["other", "x", "y", "z"]
    assert arrays["nodes"].shape[1:] == (40, 40)
    talk.page.close()


def test_points_drawn_by_hand(talk):
    talk.hello()
    assert "at least 4 points" in talk.ask("choose", choices={"data": "points"})["text"]
    made, _ = talk.say(
        "choose", choices={"data": "points", "points": "1,1,0;2,2,0;-1,-1,3;-2,0,3;0,3,3"}
    )
    assert made["task"]["classes"] == ["0", "1", "2", "3"]
    assert len(made["rows"]["x"]) == 5


def test_a_table_that_is_not_there_is_said(talk):
    talk.hello()
    assert "no table on this page" in talk.ask("choose", choices={"data": "table"})["text"]


def test_wide_layers_and_deep_networks_are_drawn_in_part(talk):
    _, made, (_, arrays) = talk.hello(layers=",".join(["20:relu"] * 15), residual="1")
    assert [layer["drawn"] for layer in made["layers"]] == [16] * 12 + [0] * 4
    assert arrays["nodes"].shape[0] == 16 * 12


def test_a_fault_of_ours_ends_this_page_with_a_word(talk, caplog):
    talk.hello()
    talk.page.fail(RuntimeError("\x1b[31mred"))
    assert talk.said[-1]["closes"] is True
    assert "\x1b" not in talk.said[-1]["text"]
    assert "\x1b" not in caplog.text
    assert talk.page.is_closed


def test_the_saved_code_is_said(talk):
    talk.hello(data="moons")
    talk.frame(talk.say("step", unit="epoch"))
    text = talk.ask("code")["text"]
    names = {}
    exec(text, names)
    assert isinstance(names["network"], Network)


def test_only_a_teacher_sends_lessons():
    told = []
    talk = Talk(role="student", broadcast=told.append)
    talk.hello()
    talk.say("lesson", lesson="xor")
    assert talk.page.summary()["lesson"] == "xor"
    assert "teacher" in talk.ask("address", choices={})["text"]
    assert told == []
    teacher = Talk(role="teacher", broadcast=told.append)
    teacher.hello()
    teacher.say("lesson", lesson="depth")
    assert told == [{"type": "lesson", "lesson": "depth"}]
    talk.page.close()
    teacher.page.close()


def test_a_tables_plane_is_of_the_two_numbers_that_tell_most():
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 4))
    table = pa.table(
        {
            "noise": x[:, 0],
            "flag": (x[:, 1] > 0).astype(float),
            "weight": x[:, 1],
            "more noise": x[:, 2],
            "height": x[:, 3],
            "kind": np.where(x[:, 1] + x[:, 3] > 0, "a", "b"),
        }
    )
    talk = Talk(table=page_table("t.csv", table, "kind"))
    _, made, _ = talk.hello()
    assert [made["inputs"][i]["name"] for i in made["plane"]] == ["weight", "height"]
    talk.page.close()


def test_each_class_is_tested_by_its_share():
    for counts in ([8, 8, 11], [20, 20], [1, 30], [3, 3, 3, 3, 3, 3]):
        points = [[k, i / 7, k] for k, count in enumerate(counts) for i in range(count)]
        for test in (0.1, 0.3, 0.5, 0.9):
            material = Material.of_points(points, test=test)
            tested = np.bincount(material.y[material.test, 0].astype(int), minlength=len(counts))
            assert np.abs(tested - test * np.array(counts)).max() < 2
            assert (tested < counts).all()  # each is trained on too
            assert len(material.train) + len(material.test) == sum(counts)


def test_categories_stand_in_formulas_by_their_names():
    table = pa.table({"island": ["Biscoe", "Dream"] * 20, "kind": ["a", "b"] * 20})
    talk = Talk(table=page_table("t.csv", table, "kind"))
    talk.hello()
    html = talk.ask("explain", what="node", layer=0, node=0)["html"]
    assert "island = Biscoe" in html
    talk.page.close()


def test_the_prediction_of_each_row_drawn_is_shown(talk):
    _, made, (_, arrays) = talk.hello(data="blobs")
    xy = np.column_stack([made["rows"]["x"], made["rows"]["y"]])
    scores = by_hand(made, arrays["vector"], xy)[-1]
    assert np.array_equal(arrays["predicted"], scores.argmax(axis=1))
    header, _ = talk.frame(talk.say("point", row=9))
    assert header["target"] == made["rows"]["target"][9]
    assert header["point"] == pytest.approx([made["rows"]["x"][9], made["rows"]["y"][9]], abs=1e-5)


def test_a_tables_rows_are_prepared_once_however_the_network_is_changed(monkeypatch):
    first, second = (
        pa.table({"x": np.arange(40.0) + k, "kind": ["a", "b"] * 20}) for k in (0, 100)
    )
    talk = Talk(table=page_table("t.csv", first, "kind"))
    prepared = []
    whole = Material.of_table
    monkeypatch.setattr(Material, "of_table", lambda *a, **k: prepared.append(a) or whole(*a, **k))
    talk.hello()
    talk.say("choose", choices={"layers": "2:relu"})
    talk.say("reset")
    assert len(prepared) == 1
    talk.page.table = page_table("t.csv", second, "kind")
    talk.say("choose", choices={"data": "table"})
    talk.say("reset")
    assert len(prepared) == 2
    talk.page.close()


def test_another_table_under_the_same_names_is_learned_from():
    def table(n):
        rows = pa.table({"x": list(range(n)), "kind": ["a", "b"] * (n // 2)})
        return page_table("mine.csv", rows, "kind")

    talk = Talk(table=table(40))
    talk.hello()
    talk.page.table = table(60)
    made = talk.ask("choose", choices={"data": "table", "target": "kind"})
    assert not made["kept"]
    assert made["n_train"] + made["n_test"] == 60
    talk.page.close()


def test_a_page_that_asks_much_lets_others_in_between(talk):
    talk.hello()
    talk.turn()
    answer = talk.page._answer

    def slow(message):
        talk.now += 1.0
        answer(message)

    talk.page._answer = slow
    for _ in range(3):
        talk.page.inbox.append(read('{"type": "code"}'))
    waiting = []
    for _ in range(3):
        talk.turn()
        waiting.append((len(talk.page.inbox), talk.due is not None and talk.due <= talk.now))
    assert waiting == [(2, True), (1, True), (0, False)]


def _make_steps_slow(talk, monkeypatch):
    take = talk.page.learner.take

    def slow(n):
        talk.now += 0.003 * n
        take(n)

    monkeypatch.setattr(talk.page.learner, "take", slow)


def test_an_epoch_of_many_steps_is_taken_in_bites(talk, monkeypatch):
    _, made, _ = talk.hello(batch=1)
    _make_steps_slow(talk, monkeypatch)
    talk.say("step", unit="epoch")
    assert talk.page.learner.step == 3  # one, then two: 9 ms
    assert talk.due <= talk.now
    while talk.due is not None:
        talk.turn()
    assert talk.page.learner.step == made["steps_per_epoch"]
    talk.say("step", unit="epoch")
    talk.say("pause")
    assert talk.page.learner.step == made["steps_per_epoch"] + 3


def test_an_epoch_is_not_gone_on_with_when_the_learning_is_changed(talk, monkeypatch):
    talk.hello(batch=1)
    _make_steps_slow(talk, monkeypatch)
    talk.say("step", unit="epoch")
    n_steps = talk.page.learner.step
    talk.say("choose", choices={"rate": 0.5})
    talk.turn()
    assert talk.page.learner.step == n_steps
    assert talk.due is None or talk.due > talk.now  # a picture, at most: no turn after turn


def test_steps_asked_for_at_once_are_all_taken(talk):
    _, made, _ = talk.hello()
    for unit in ("step", "epoch", "epoch", "step", "step"):
        talk.page.inbox.append(read(f'{{"type": "step", "unit": "{unit}"}}'))
    talk.turn()
    while talk.due is not None:
        talk.turn()
    assert talk.page.learner.step == 2 * made["steps_per_epoch"]


def test_the_slowest_pace_is_a_step_in_minutes(talk):
    talk.hello()
    talk.say("play", speed=1e-300)
    assert talk.now < talk.due < talk.now + 1_000


def test_weights_of_the_inputs_count_too(talk):
    talk.hello(layers="2:tanh")
    wide = ",".join(["256:tanh"] * 16)
    trouble = talk.ask("choose", choices={"data": "digits", "layers": wide})
    assert "1,006,090 parameters; a page takes up to 1,000,000" in trouble["text"]
