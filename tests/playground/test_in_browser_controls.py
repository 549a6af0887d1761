"""Every control of the playground's page, used once, by what it is called on a screen reader."""

import re

import pytest

# Of choices: the name, an option in words, and what stands in the address afterwards.
OPTIONS = [
    ("Learning rate", "0.03", {"rate": "0.03"}),
    ("Optimiser", "SGD", {"optimizer": "sgd"}),
    ("Batch", "64", {"batch": "64"}),
    ("L2", "0.001", {"l2": "0.001"}),
    ("Schedule", "cosine", {"schedule": "cosine"}),
    ("L1", "0.0001", {"l1": "0.0001"}),
    ("Activation, Hidden 1", "relu", {"layers": "4:relu,3:tanh"}),
    ("Normalisation", "batch", {"normalization": "batch"}),
    ("First weights", "orthogonal", {"initialization": "orthogonal"}),
]
# Of sliders: the name, a key that is pressed, and what stands in the address.
SLIDERS = [
    ("Rows", "ArrowRight", {"rows": "320"}),
    ("Noise", "Home", {"noise": "0"}),
    ("Test rows", "End", {"test": "0.9"}),
    ("Label smoothing", "ArrowRight", {"smoothing": "0.01"}),
]
# Of buttons and boxes: role, name, what stands in the address.
SWITCHES = [
    ("button", "Another seed", {"seed": "1"}),
    ("button", "One node more in Hidden 2", {"layers": "4:tanh,4:tanh"}),
    ("button", "One node fewer in Hidden 1", {"layers": "3:tanh,4:tanh"}),
    ("button", "Add a layer", {"layers": "3:tanh,4:tanh,4:tanh"}),
    ("button", "Remove the last layer", {"layers": "3:tanh,4:tanh"}),
    ("checkbox", "Residual connections", {"residual": "1"}),
]


@pytest.fixture
def toys(visit):
    """The page with all its folds open."""
    page = visit.open()
    for fold in page.locator("summary:visible").all():
        fold.click()
    return visit


def changes(visit, place, act):
    """Whether what is drawn at a place is another picture after an act."""
    before = place.screenshot()
    act()
    visit.until(lambda: place.screenshot() != before, "another picture")


@pytest.mark.slow
def test_each_choice_of_data_network_and_learning_once(toys):
    for role, name, wanted in SWITCHES:
        toys.control(role, name).click()
        toys.chosen(**wanted)
    toys.page.evaluate("() => { location.hash = '#data=circles'; }")
    toys.chosen(layers="", seed="", residual="")
    for name, option, wanted in OPTIONS:
        before = toys.control("combobox", name).input_value()
        toys.choose(name, option)
        toys.chosen(**wanted)
        toys.control("combobox", name).select_option(before)
    for name, key, wanted in SLIDERS:
        toys.control("slider", name).press(key)
        toys.chosen(**wanted)
    for name, value, key in (("Seed", "7", "seed"), ("Epochs in all", "500", "epochs")):
        toys.control("spinbutton", name).fill(value)
        toys.control("spinbutton", name).press("Tab")
        toys.chosen(**{key: value})
    for table, slider, key in (("Spirals", "Arms", "arms"), ("Blobs", "Classes", "classes")):
        toys.choose("Table", table)
        toys.control("slider", slider).press("End")
        toys.chosen(data=table.lower(), **{key: {"arms": "5", "classes": "6"}[key]})
    toys.choose("Table", "Waves (numbers)")
    toys.chosen(data="waves")
    toys.choose("Loss", "huber")
    toys.chosen(loss="huber")
    assert not toys.unused("#data")
    assert not toys.unused("#learning")


def test_each_control_of_training_curves_and_plane_once(toys):
    page = toys.page
    toys.choose("Speed", "60 epochs/s")
    toys.press("Play")
    toys.until(lambda: toys.state("Epoch") > 2, "epochs")
    toys.press("Pause")
    toys.press("Start again")
    toys.until(lambda: toys.state("Epoch") == 0, "the beginning")
    toys.choose("Step by", "one epoch")
    toys.press("Step")
    toys.until(lambda: toys.state("Epoch") == 1, "an epoch")
    toys.press("Dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    toys.press("Light")
    toys.press("한국어")
    assert page.evaluate("document.documentElement.lang") == "ko"
    toys.press("English")
    toys.control("link", "To the network").press("Enter")
    assert page.evaluate("document.activeElement.id") == "network"
    assert page.get_by_role("alert").is_hidden()
    for name in ("Take away", "Lessons"):
        toys.press(name)
        toys.control("dialog", name).get_by_role("button", name="Close").click()
        toys.control("dialog", name).wait_for(state="detached")
    plane = page.get_by_role("application")
    for name in ("Training", "Test (hollow)", "All"):
        button = toys.control("button", name)
        changes(toys, plane, button.click)
        assert button.get_attribute("aria-pressed") == "true"
    for name in ("Borders only", "Ring the wrong ones"):
        changes(toys, plane, toys.control("checkbox", name).click)
    changes(toys, page.locator("#curves canvas").first, toys.control("checkbox", "log scale").click)
    toys.press("Keep")
    toys.until(lambda: page.locator("#curves").get_by_role("textbox").count() == 1, "a kept run")
    way = toys.region("One point’s way")
    for name, row in (
        ("The next row", "Row 1"),
        ("The next row", "Row 2"),
        ("The row before", "Row 1"),
    ):
        toys.press(name)
        way.get_by_text(re.compile(rf"^{row}\b")).wait_for()
    way.get_by_text("Softmax and −ln p, worked out").click()
    way.locator(".formula").first.wait_for()
    toys.press("Follow no point")
    way.get_by_text("Click a point on the plane").wait_for()
    changes(toys, plane, lambda: plane.click(position={"x": 120, "y": 120}))
    way.get_by_text(re.compile("^(Row|A place)")).wait_for()
    assert not toys.unused("header")
    kept = {("checkbox", "Show #-# tanh · Adam #.#"), ("textbox", "The run’s name"),
            ("button", "Choose this network again"), ("button", "Drop this run")}  # fmt: skip
    assert toys.unused("#curves") == kept  # are used where runs are compared
    assert not toys.unused("#way")
    assert {role for role, _ in toys.unused("#plane")} <= {"application"}


@pytest.mark.slow
def test_each_control_of_the_network_once(toys):
    page = toys.page
    lines = page.locator("#network svg.lines")
    toys.press("The next row")
    toys.region("One point’s way").get_by_role("heading", name="Hidden 2").wait_for()
    for name in ("Signals", "Gradients", "Weights"):
        button = toys.control("button", name)
        changes(toys, lines, button.click)
        assert button.get_attribute("aria-pressed") == "true"
    lens = toys.control("dialog", "The formula here")
    # Pointed at, it is shown as long as the pointer is there; pressed, it stays.
    toys.control("button", "Hidden 1, node 2").hover()
    lens.get_by_text("click to keep it here").wait_for()
    lens.locator(".formula").first.wait_for()
    page.mouse.move(2, 2)
    lens.wait_for(state="hidden")
    for name in ("Hidden 1, node 2", "Output: 1"):
        toys.press(name)
        lens.get_by_role("heading", name=name).wait_for()
        lens.locator(".formula").first.wait_for()
        lens.get_by_role("button", name="Close").click()
        lens.wait_for(state="hidden")
    # A line: the weight, its gradient, and the chain rule for it.
    page.locator("[data-weight='1,0,2']").dispatch_event("click", {"clientX": 600, "clientY": 300})
    lens.get_by_role("heading", name="From Hidden 1, node 1 to Hidden 2, node 3").wait_for()
    lens.get_by_text(re.compile(r"Weight −?\d.*gradient of this point −?\d")).wait_for()
    lens.locator(".formula").first.wait_for()
    lens.get_by_role("button", name="Close").click()
    # A bias is dragged.
    handle = toys.control("slider", "Bias: Hidden 1, node 1")
    value = handle.get_attribute("aria-valuenow")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 3, box["y"] - 40, steps=4)
    page.mouse.up()
    toys.until(lambda: handle.get_attribute("aria-valuenow") != value, "another bias")
    toys.control("slider", "Bias: Output: 1")
    # A layer's own settings.
    for button, wanted in (
        ("Apply", "4:tanh,5:tanh:0.05"),
        ("Insert a layer after it", "4:tanh,5:tanh:0.05,5:tanh:0.05"),
        ("Remove this layer", "4:tanh,5:tanh:0.05"),
    ):
        toys.press("Settings of Hidden 2")
        toys.control("dialog", "Settings of Hidden 2").wait_for()
        if button == "Apply":
            for _ in range(2):
                toys.control("slider", "Nodes").press("ArrowRight")
            toys.control("slider", "Dropout").press("ArrowRight")
        toys.press(button)
        toys.chosen(layers=wanted)
    toys.press("Settings of Hidden 2")
    window = toys.control("dialog", "Settings of Hidden 2")
    toys.control("combobox", "Normalisation", window).select_option("layer")
    toys.control("checkbox", "Residual connection around this layer").check()
    toys.press("Apply")
    toys.chosen(layers="4:tanh,5:tanh:0.05:layer+residual")
    # The others are used beside other choices.
    others = {"Add a layer", "Remove the last layer", "One node more in Hidden #",
              "One node fewer in Hidden #", "Activation, Hidden #", "First weights",
              "Residual connections", "x#"}  # fmt: skip
    assert {name for _, name in toys.unused("#network")} == others
    assert page.get_by_role("alert").is_hidden()
