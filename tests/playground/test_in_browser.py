"""What people do on the playground's page, in a browser: a network learns, and is understood."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from layerwise.store import load
from tests.playground.browser import number


def numbers_of(table):
    """The rows of a table that is shown: the first cell's text, then numbers."""
    table.wait_for()
    rows = []
    for row in table.locator("tbody tr").all():
        name, *cells = row.locator("th, td").all_inner_texts()
        rows.append((name, [number(cell) for cell in cells if re.search(r"\d", cell)]))
    return rows


def test_xor_is_learned(visit):
    visit.open()
    visit.choose("Table", "XOR")
    visit.chosen(data="xor")
    visit.choose("Speed", "as fast as it can")
    visit.learn_until(lambda: min(visit.scores()) > 95, "95 % of all rows being right")
    assert visit.state("Epoch") > 1
    assert visit.state("Loss, test") < 0.3
    confusion = numbers_of(visit.region("Measures").get_by_role("table").first)
    assert sum(sum(counts) for _, counts in confusion) == 90  # test rows, of 300
    assert sum(counts[k] for k, (_, counts) in enumerate(confusion)) > 85


@pytest.mark.slow
def test_a_step_is_taken_an_epoch_or_a_layer_at_a_time_and_all_begins_again(visit):
    visit.open()
    first = visit.state("Loss, training")
    visit.choose("Step by", "one epoch")
    visit.press("Step")
    visit.until(lambda: visit.state("Epoch") == 1, "one epoch")
    after = visit.state("Loss, training")
    assert after != first
    visit.choose("Step by", "one step")
    visit.press("Step")
    visit.until(lambda: visit.state("Loss, training") != after, "a step")
    assert visit.state("Epoch") == 1
    visit.press("Start again")
    visit.until(lambda: visit.state("Loss, training") == first, "the beginning")
    assert visit.state("Epoch") == 0
    # Forward through three layers, loss, backward through three, update.
    visit.press("The next row")
    visit.choose("Step by", "one layer")
    words = visit.region("One point’s way").get_by_role("status")
    for part, said in enumerate(
        ["Forward: Hidden 1", "Forward: Hidden 2", "Forward: Output", "Loss", "Backward:.*Output",
         "Backward:.*Hidden 2", "Backward:.*Hidden 1", "Update"], 1
    ):  # fmt: skip
        assert visit.state("Loss, training") == first
        visit.press("Step")
        wanted = re.compile(rf"Part {part} of 8\. {said}")
        visit.until(lambda wanted=wanted: wanted.search(words.inner_text()), wanted.pattern)
    visit.until(lambda: visit.state("Loss, training") != first, "the update")


@pytest.mark.slow
def test_when_all_epochs_are_done_the_page_says_so(visit):
    page = visit.open("epochs=3")
    visit.press("Play")
    page.get_by_text("All epochs are done").wait_for()
    assert visit.state("Epoch") == 3
    visit.press("Play")
    visit.until(page.get_by_role("alert").inner_text, "a sentence")
    visit.control("button", "Play").wait_for()  # it did not begin
    visit.press("Start again")
    visit.until(lambda: visit.state("Epoch") == 0, "the beginning")


def test_a_nodes_formula_is_what_the_weights_shown_make(visit):
    visit.open("data=circles&layers=3:tanh,2:sigmoid")
    visit.press("The next row")
    way = visit.region("One point’s way")

    def card(title):
        """One stage of the way."""
        heading = visit.control("heading", title)
        return way.locator(".stage-card").filter(has=heading)

    before = [value for _, (value,) in numbers_of(card("Inputs").get_by_role("table"))]
    for layer, activation in ((1, np.tanh), (2, lambda z: 1 / (1 + np.exp(-z)))):
        after = numbers_of(card(f"Hidden {layer}").get_by_role("table"))
        for node, (_, shown) in enumerate(after, 1):
            visit.press(f"Hidden {layer}, node {node}")
            lens = visit.control("dialog", "The formula here")
            fields = lens.get_by_role("spinbutton").all()
            *weights, bias = [float(field.input_value()) for field in fields]
            z = bias + sum(w * value for w, value in zip(weights, before, strict=True))
            a = float(activation(z))
            formula = lens.locator(".formula")
            formula.first.wait_for()
            text = " ".join(formula.all_inner_texts())
            facts = lens.locator(".facts").inner_text()
            said_z, said_a = (number(facts.split(f"{what} ")[1]) for what in "za")
            assert shown[0] == said_z == pytest.approx(z, abs=0.01)
            assert shown[1] == said_a == pytest.approx(a, abs=0.01)
            # Every weight and every input stands in the formula, and so do sum and result.
            written = [number(one) for one in re.findall(r"[-−]?\d+(?:\.\d+)?(?:e[-−]?\d+)?", text)]
            for value in (*weights, *before, said_z, said_a):
                near = min(abs(abs(value) - abs(one)) for one in written)
                assert near < 0.006, (value, text)
            visit.page.keyboard.press("Escape")
        before = [a for _, (_, a, *_) in after]
    # The answer: softmax of the scores, and minus the logarithm of the right one's share.
    rows = numbers_of(card("Output").get_by_role("table"))
    scores = np.array([values[-3] for _, values in rows])
    shares = np.exp(scores) / np.exp(scores).sum()
    assert [values[-1] for _, values in rows] == pytest.approx(shares, abs=0.01)
    loss = number(card("Loss").locator(".big").inner_text())
    assert min(abs(-math.log(share) - loss) for share in shares) < 0.02


def test_a_weight_set_by_hand_is_answered_by_the_loss(visit):
    visit.open("data=line&layers=&noise=0")
    first = visit.state("Loss, training")
    visit.press("Output: 1")
    lens = visit.control("dialog", "The formula here")
    lens.get_by_role("spinbutton", name="x1").fill("4")
    lens.get_by_role("spinbutton", name="x1").press("Enter")
    visit.until(lambda: visit.state("Loss, training") < first, "a lower loss")
    lower = visit.state("Loss, training")
    slider = lens.get_by_role("slider", name="Bias")
    slider.fill("-5")
    visit.until(lambda: visit.state("Loss, training") > lower, "a higher loss")
    bias = lens.get_by_role("spinbutton", name="Bias")
    visit.until(lambda: bias.input_value() == "-5.000", "the number beside the slider")
    assert visit.state("Epoch") == 0
    lens.get_by_role("button", name="Close").click()
    lens.wait_for(state="hidden")


@pytest.mark.parametrize("choices", [
    "data=spirals&arms=3&layers=8:relu,8:tanh:0.1&rows=200&optimizer=adamw&l2=0.001&batch=16",
    "data=waves&layers=6:gelu&rows=120&schedule=cosine&epochs=40&optimizer=sgd&rate=0.03",
])  # fmt: skip
def test_the_code_shown_trains_the_network_that_is_downloaded(visit, choices, tmp_path, capsys):
    visit.open(choices)
    visit.choose("Step by", "one epoch")
    for epoch in (1, 2, 3):
        visit.press("Step")
        visit.until(lambda epoch=epoch: visit.state("Epoch") == epoch, "an epoch")
    shown = visit.state("Loss, training")
    visit.press("Take away")
    window = visit.control("dialog", "Take away")
    code = window.locator("pre")
    visit.until(lambda: "trainer.fit" in code.inner_text(), "the code")
    kept = {}
    for name, start in {
        "Layerwise model": b"",
        "Program (Python)": b"from layerwise import",
        "Picture (SVG)": b"<?xml",
        "Picture (PNG)": b"\x89PNG",
    }.items():
        with visit.page.expect_download() as download:
            window.get_by_role("link", name=name).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        kept[path.suffix] = path
        assert path.read_bytes().startswith(start)
    text = code.inner_text()
    assert kept[".py"].read_text().strip() == text.strip()
    names = {}
    exec(compile(text, "network.py", "exec"), names)
    network = load(kept[".layerwise"])
    assert np.array_equal(names["network"].vector, network.vector)
    assert names["network"].architecture == network.architecture
    assert float(capsys.readouterr().out) == pytest.approx(shown, rel=0.006)


def test_a_link_opened_again_shows_the_same_state(visit):
    visit.open()
    visit.choose("Table", "Blobs")
    visit.chosen(data="blobs")
    visit.choose("Optimiser", "RMSprop")
    visit.choose("Activation, Hidden 2", "softplus")
    visit.press("One node more in Hidden 1")
    visit.press("Add a layer")
    visit.control("checkbox", "Residual connections").check()
    visit.choose("Normalisation", "layer")
    visit.control("spinbutton", "Seed").fill("12")
    visit.control("spinbutton", "Seed").press("Enter")
    visit.chosen(layers="5:tanh,3:softplus,3:softplus", optimizer="rmsprop", residual="1",
                 normalization="layer", seed="12")  # fmt: skip
    visit.press("Take away")
    link = visit.control("textbox", "Copy a link to this").input_value()
    visit.control("dialog", "Take away").get_by_role("button", name="Close").click()
    first = visit.page
    panels = ("#data", "#learning", "#network", "#measures", "#curves", "#plane-body")

    def shown():
        return [visit.page.locator(panel).aria_snapshot() for panel in panels]

    chosen, state = visit.choices, shown()
    assert "token" not in link
    visit.open(address=link)
    assert visit.page is not first
    assert visit.choices == chosen
    visit.until(lambda: shown() == state, "the same page")
    # An address that is typed over the old one is answered too.
    visit.page.evaluate("() => { location.hash = '#data=moons&seed=12'; }")
    optimizer = visit.control("combobox", "Optimiser")
    visit.until(lambda: optimizer.input_value() == "adam", "the page of the new address")
    assert visit.control("combobox", "Table").input_value() == "moons"


@pytest.mark.slow
def test_runs_are_kept_and_laid_over_one_another(visit):
    visit.open("data=moons")
    curves = visit.region("Learning curves")
    for layers in ("4:sigmoid", "6:relu,6:relu"):
        visit.page.evaluate("layers => { location.hash = `#data=moons&layers=${layers}`; }", layers)
        visit.chosen(layers=layers)
        visit.learn_until(lambda: visit.state("Epoch") >= 3, "three epochs")
        curves.get_by_role("button", name="Keep").click()
    names = [box.input_value() for box in curves.get_by_role("textbox").all()]
    assert names == ["4 sigmoid · Adam 0.01", "6-6 relu · Adam 0.01"]
    shown = visit.page.locator("#curves canvas").first
    both = shown.screenshot()
    curves.get_by_role("checkbox", name=f"Show {names[0]}").uncheck()
    visit.until(lambda: shown.screenshot() != both, "a curve less")
    box = curves.get_by_role("textbox").first
    box.fill("the narrow one")
    box.press("Enter")
    curves.get_by_role("checkbox", name="Show the narrow one").check()
    curves.get_by_role("button", name="Choose this network again").first.click()
    visit.chosen(layers="4:sigmoid", data="moons")
    curves.get_by_role("button", name="Drop this run").first.click()
    visit.until(lambda: curves.get_by_role("textbox").count() == 1, "one run")
    assert curves.get_by_role("textbox").input_value() == names[1]


@pytest.mark.slow
def test_points_are_drawn_by_hand_and_taken_out_again(visit):
    visit.open()
    visit.choose("Table", "Drawn by hand")
    visit.chosen(data="points")
    plane = visit.page.get_by_role("application")

    def points():
        return [one.split(",") for one in visit.choices.get("points", "").split(";")]

    first = points()
    box = plane.bounding_box()
    visit.control("radio", "Class 2").click()
    plane.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.4})
    visit.until(lambda: len(points()) == len(first) + 1, "a point more")
    x, y, of = points()[-1]
    assert of == "2"
    assert 0 < float(x) < 3
    assert 0 < float(y) < 3
    plane.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.4}, modifiers=["Shift"])
    visit.until(lambda: points() == first, "the point gone")
    plane.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.2}, button="right")
    visit.press("Begin again")
    visit.chosen(points=";".join(map(",".join, first)))


@pytest.mark.slow
def test_a_folder_of_the_page_holds_no_more_than_the_page(visit):
    """What the browser asked for is all there is."""
    asked = set()
    visit.context.on("request", lambda request: asked.add(Path(request.url.split("?")[0]).name))
    visit.open()
    folder = Path(__file__).parents[2] / "src" / "layerwise" / "playground" / "page"
    files = {path.name for path in folder.iterdir()} - {"types.js", "index.html"}
    assert files - asked <= {"icon.svg"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ("layers=8:nonsense", "unknown activation 'nonsense'"),
        ("rows=many", "rows must be a number from 10 to 5000; got 'many'"),
        ("data=table", "there is no table on this page"),
        ("colour=red", "there is no choice 'colour'"),
    ],
)
def test_an_address_that_cannot_be_shown_is_answered_in_a_sentence(visit, choices, words):
    page = visit.open(choices)
    assert words in page.get_by_role("alert").inner_text()
    visit.choose("Table", "Moons")
    visit.chosen(data="moons")
    assert page.get_by_role("alert").is_hidden()


@pytest.mark.slow
def test_a_connection_that_breaks_is_made_again_with_what_was_chosen(visit):
    sockets = []

    def pass_on(socket):
        sockets.append(socket)
        socket.connect_to_server()

    visit.context.route_web_socket(re.compile("/socket$"), pass_on)
    page = visit.open("data=moons&layers=5:relu")
    visit.choose("Optimiser", "SGD")
    visit.chosen(optimizer="sgd")
    sockets[0].close(code=4000)
    page.get_by_text("The connection to the server is lost").wait_for()
    visit.until(lambda: page.get_by_role("alert").is_hidden(), "another connection")
    assert len(sockets) == 2
    visit.press("Play")
    visit.until(lambda: visit.state("Epoch") > 0, "an epoch")
    assert visit.choices == {"data": "moons", "layers": "5:relu", "optimizer": "sgd"}
