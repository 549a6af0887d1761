"""One explanation in every format: text, terminal, Markdown, HTML, data."""

import json
import re

import numpy as np
import pytest
from rich.console import Console
from sklearn import config_context

import layerwise
from layerwise import Architecture, Network, explain
from layerwise.explanation import Explanation
from layerwise.explanation.document import Heading
from layerwise.texts import letters
from tests.helpers.pages import Page
from tests.store.small_models import mixed_table, table_model, targets

NAMES = ["<b>age</b>", "50% | rent_$", "서울 = 1 \\ {x}"]


@pytest.fixture(scope="module")
def odd():
    network = Network(Architecture([3, 4, 2], output="softmax"), seed=0)
    return explain(network, [1, 2, 3], answer=1, input_names=NAMES, output_names=["<a>", "b&c"])


@pytest.fixture(scope="module")
def table():
    cells = mixed_table(dates=True, text=True) | {"three": targets()["three"]}
    row = {name: column[3] for name, column in cells.items()}
    return explain(table_model("three", dates=True, text=True), row)


def titles(explanation):
    return [block.text for block in explanation.blocks if isinstance(block, Heading)]


def test_html_is_whole_and_escaped(odd, table):
    for explanation in (odd, table):
        page = explanation.to_html()
        text = "".join(Page(page).texts)
        for title in titles(explanation):
            assert title in text
        assert not re.search(r"(?:src|href)=|@import|url\(", page)
    assert "<b>age</b>" not in odd.to_html()
    assert "&lt;b&gt;age&lt;/b&gt;" in odd.to_html()
    assert odd._repr_html_().startswith('<div class="lw-explanation">')
    with config_context(display="text"):
        assert odd._repr_html_() is None


def test_a_page_of_all_weights_is_little_more_than_its_text():
    network = Network("30-20-10-3:softmax", seed=0)
    explanation = explain(network, np.linspace(-1, 1, 30), answer=1, top=None)
    page = re.sub("<style>.*?</style>", "", explanation.to_html(), flags=re.DOTALL)
    text = "".join(Page(page).texts)
    assert len(text) > 40 * sum(weights.size for weights in network.weights)  # all are there
    assert len(page) < 1.8 * len(text)


def test_names_however_long_leave_room_for_what_stands_beside_them():
    network = Network("2-2:softmax", seed=0)
    names = ["n" * 150, "a b " * 40]
    page = explain(network, [1, 2], answer=0, input_names=names).to_html()
    rule = re.search(r"td:first-child \{([^}]*)\}", page)[1]
    assert "max-width" in rule
    assert "overflow-wrap: anywhere" in rule
    assert (
        "local" in re.search(r"\.wide \{([^}]*)\}", page)[1]
    )  # a shadow where more is to the side


def test_markdown_has_its_formulas_in_balanced_latex(odd, table):
    for explanation in (odd, table):
        text = explanation.to_markdown()
        formulas = re.findall(
            r"\$\$\n\\begin\{aligned\}\n(.*?)\\end\{aligned\}\n\$\$", text, re.DOTALL
        )
        assert formulas
        assert text.count("$$") == 2 * len(formulas)
        for formula in formulas:
            bare = re.sub(r"\\[{}\\]", "", formula)
            assert bare.count("{") == bare.count("}")
            assert formula.count(r"\left(") == formula.count(r"\right)")
        for title in titles(explanation):
            assert "# " + title.replace("\\", "") in text.replace("\\", "")
    assert r"\operatorname{relu}\left(" in odd.to_markdown()
    assert r"\text{50\% | rent\_\$}" in odd.to_markdown()
    assert r"\frac{\partial L}{\partial h_{1," in odd.to_markdown()


def test_the_terminal_shows_what_the_text_says(odd, table):
    for explanation in (odd, table):
        console = Console(width=100, record=True, force_terminal=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
        console.print(explanation)
        shown = " ".join(console.export_text().split())
        for title in titles(explanation):
            assert title in shown
        assert "e_1 = exp(s_1) = exp(" in shown


def test_lines_of_text_keep_to_the_width(table):
    for width in (80, 100, 140):
        lines = table.to_text(width).splitlines()
        assert max(map(letters, lines)) <= width + 20  # a note behind a formula stands out
        assert sum(letters(line) > width for line in lines) <= 3


def test_data_is_json_and_holds_the_numbers(table):
    data = json.loads(json.dumps(table.to_dict()))
    assert data["explained"] in data["results"]
    assert sum(data["results"].values()) == pytest.approx(1)
    total = data["attribution"]["baseline_result"] + sum(
        column["contribution"] for column in data["columns"]
    )
    assert total == pytest.approx(data["attribution"]["result"], abs=1e-3)
    assert len(data["layers"]) == 2
    assert len(data["network_outputs"]) == data["n_networks"]
    for layer in data["layers"]:
        assert len(layer["nodes"]) == len(layer["outputs"]) == len(layer["gradient_by_nodes"])


def test_it_shows_itself(odd):
    assert str(odd) == odd.to_text()
    assert repr(odd).startswith("<Explanation of one row: ")
    assert isinstance(odd, Explanation)
    assert layerwise.explain is explain


def test_the_function_stays_a_function_when_its_room_is_imported():
    import layerwise.explanation

    assert callable(layerwise.explain)
    assert layerwise.explanation.explain is layerwise.explain
