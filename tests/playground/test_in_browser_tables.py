"""Tables and trained models on the playground's page, in a browser."""

import io

import numpy as np
import pandas as pd
import pytest

from layerwise import TableClassifier, TableRegressor
from tests.playground.browser import number

KINDS = ["ash", "beech", "chestnut", "douglas fir"]


@pytest.fixture(scope="module")
def trees():
    """240 trees of four kinds, which height and leaf tell apart, with a column of words."""
    random = np.random.default_rng(5)
    kind = np.arange(240) % 4
    return pd.DataFrame(
        {
            "height (m)": np.round(12 + 8 * (kind // 2) + random.normal(size=240), 2),
            "leaf": np.round(3 + 5 * (kind % 2) + random.normal(size=240), 2),
            "where": np.array(["hill", "shore", "garden"])[random.integers(0, 3, 240)],
            "tree": np.array(KINDS)[kind],
        }
    )


def brought(visit, trees, how):
    """Bring a table as people do: from a folder, a spreadsheet's cells, or dropped on the page."""
    page, text = visit.page, trees.to_csv(index=False)
    if how == "chosen":
        with page.expect_file_chooser() as chooser:
            visit.press("Choose a file …")
        file = {"name": "trees.csv", "mimeType": "text/csv", "buffer": text.encode()}
        chooser.value.set_files(file)
    elif how == "chosen, of a spreadsheet":
        buffer = io.BytesIO()
        trees.to_excel(buffer, index=False)
        with page.expect_file_chooser() as chooser:
            visit.press("Choose a file …")
        chooser.value.set_files({"name": "trees.xlsx", "mimeType": "", "buffer": buffer.getvalue()})
    elif how == "pasted":
        visit.press("Paste …")
        visit.control("textbox", "Paste a table").fill(trees.to_csv(index=False, sep="\t"))
        visit.press("Use this table")
    elif how == "pasted on the page":
        page.evaluate(
            """text => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text/plain", text);
                document.body.dispatchEvent(
                    new ClipboardEvent("paste", { clipboardData, bubbles: true }));
            }""",
            trees.to_csv(index=False, sep="\t"),
        )
    else:
        files = page.evaluate_handle(
            """text => {
                const files = new DataTransfer();
                files.items.add(new File([text], "trees.csv", { type: "text/csv" }));
                return files;
            }""",
            text,
        )
        page.dispatch_event("body", "dragover", {"dataTransfer": files})
        page.get_by_text("Drop your table here").wait_for()
        page.dispatch_event("body", "drop", {"dataTransfer": files})


@pytest.mark.slow
def test_a_table_of_ones_own_is_chosen_pasted_or_dropped(visit, trees):
    page = visit.open()
    visit.choose("Table", "Your own table")
    ways = ("chosen", "chosen, of a spreadsheet", "pasted", "pasted on the page", "dropped")
    for n, how in enumerate(ways, 200):
        brought(visit, trees.head(n), how)
        page.get_by_text(f"{n} rows, 4 columns").wait_for()
        visit.chosen(data="table", target="tree")
        assert visit.control("combobox", "Predict").input_value() == "tree"
        assert page.locator("#plane .legend").inner_text().split("\n") == KINDS
    visit.press("Penguins")
    page.get_by_text("344 rows, 17 columns").wait_for()
    visit.chosen(target="Species")
    page.get_by_text("From which columns").click()
    left = {name for role, name in visit.unused(".table-panel") if role != "checkbox"}
    assert not left


def test_four_classes_of_ones_own_table_are_learned(visit, trees):
    page = visit.open()
    visit.choose("Table", "Your own table")
    brought(visit, trees, "pasted")
    visit.chosen(data="table")
    legend = page.locator("#plane .legend")
    visit.until(lambda: legend.inner_text().split("\n") == KINDS, "the four kinds")
    visit.choose("Speed", "as fast as it can")
    visit.learn_until(lambda: min(visit.scores()) > 90, "90 % of all rows being right")
    confusion = visit.region("Measures").get_by_role("table").first
    counts = np.array(confusion.locator("tbody td").all_inner_texts(), int).reshape(4, 4)
    assert counts.sum() == 72
    assert np.trace(counts) > 0.9 * 72
    # Another target, other inputs, and what the others are held at.
    visit.choose("Predict", "height (m)")
    visit.chosen(target="height (m)")
    visit.until(lambda: visit.scores()[0] is not None, "R²")
    page.get_by_text("From which columns").click()
    box = page.get_by_role("checkbox", name="where")
    box.uncheck()
    visit.until(lambda: "where" not in visit.choices.get("inputs", "where"), "the inputs")
    visit.choose("Predict", "tree")
    visit.chosen(target="tree")
    box = page.get_by_role("checkbox", name="leaf")
    box.uncheck()
    visit.until(lambda: "leaf" not in visit.choices.get("inputs", "leaf"), "one number only")


@pytest.mark.slow
def test_the_planes_axes_and_what_others_are_held_at_are_chosen(visits, served):
    random = np.random.default_rng(1)
    x = random.normal(size=(120, 3))
    table = pd.DataFrame(x, columns=["a", "b", "c"])
    table["place"] = np.array(["north", "south"])[random.integers(0, 2, 120)]
    table["y"] = np.where(x[:, 2] + (table["place"] == "north") > 0, "yes", "no")
    playing = served(table, target="y", name="signs.csv")
    visit = visits(playing.address)
    page = visit.open()
    assert visit.control("combobox", "Predict").input_value() == "y"
    page.get_by_text("signs.csv: 120 rows, 5 columns").wait_for()
    across, up = (visit.control("combobox", name) for name in ("Across", "Up"))
    across.select_option("b")
    visit.until(lambda: visit.choices.get("plane", "").startswith("b,"), "b across")
    up.select_option("c" if up.input_value() == "a" else "a")
    visit.until(lambda: visit.choices["plane"] == f"b,{up.input_value()}", "another input up")
    visit.choose("Up", "c")
    visit.chosen(plane="b,c")
    visit.learn_until(lambda: visit.scores()[0] > 90, "90 % of the rows being right")
    page.get_by_text("The other inputs (2) are held at").click()
    plane = page.get_by_role("application")
    for role, name, act in (
        ("combobox", "place", lambda box: box.select_option(str(1 - int(box.input_value())))),
        ("slider", "a", lambda box: box.press("End")),
    ):
        before = plane.screenshot()
        act(visit.control(role, name))
        visit.until(lambda name=name: name in visit.choices.get("held", ""), "the held value")
        visit.until(lambda before=before: plane.screenshot() != before, "another plane")
    assert not visit.unused("#plane-axes")


@pytest.mark.slow
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(visit):
    page = visit.open()
    visit.choose("Table", "Your own table")
    visit.press("Paste …")
    visit.control("textbox", "Paste a table").fill("one\nword")
    visit.press("Use this table")
    alert = page.get_by_role("alert")
    visit.until(alert.inner_text, "a sentence")
    alert.get_by_role("button", name="Close").click()
    assert alert.is_hidden()
    assert visit.choices.get("data", "circles") == "circles"
    # The browser itself notes in the console that the answer was a refusal.
    (noted,) = visit.complaints
    assert "422" in noted
    visit.complaints.clear()


@pytest.fixture(scope="module")
def models(trees):
    """A model that predicts a class, and one of a number."""
    options = {"effort": "low", "epochs": 30, "hidden": (8,), "random_state": 0}
    return {
        "tree": TableClassifier(**options).fit(trees, target="tree"),
        "leaf": TableRegressor(**options).fit(trees, target="leaf"),
    }


def test_a_trained_models_sliders_change_its_prediction(visits, served, models, trees):
    playing = served(models["tree"])
    visit = visits(playing.address)
    page = visit.open()
    answer = page.locator("#model-body").get_by_role("table").first

    def probabilities():
        cells = [
            row.locator("th, td").all_inner_texts() for row in answer.locator("tbody tr").all()
        ]
        return {name: (number(now), number(before)) for name, *_, now, before in cells}

    visit.until(lambda: len(probabilities()) == 4, "the four kinds")
    first = probabilities()
    assert sum(now for now, _ in first.values()) == pytest.approx(100, abs=0.3)
    for role, name, value in (("slider", "height (m)", "20"), ("slider", "leaf", "8")):
        control = visit.control(role, name)
        control.fill(value)
    row = pd.DataFrame({"height (m)": [20.0], "leaf": [8.0], "where": ["garden"]})
    visit.choose("where", "garden")
    wanted = 100 * models["tree"].predict_proba(row)[0]

    def is_predicted():
        shown = [probabilities()[kind][0] for kind in KINDS]
        return np.allclose(shown, wanted, atol=0.06)

    visit.until(is_predicted, f"{wanted}")
    # What it was at first stands beside it, until the row is taken as the one to compare with.
    assert {kind: before for kind, (_, before) in probabilities().items()} == {
        kind: now for kind, (now, _) in first.items()
    }
    assert page.get_by_role("heading", name="What each column contributes").is_visible()
    visit.press("Compare with this row from now on")
    visit.until(lambda: all(now == before for now, before in probabilities().values()), "now")
    visit.control("spinbutton", "leaf").fill("3")
    visit.control("spinbutton", "leaf").press("Enter")
    visit.until(lambda: not is_predicted(), "another prediction")
    visit.press("Back to the original row")
    visit.until(is_predicted, "the row that is compared with")
    visit.control("spinbutton", "height (m)")
    assert not visit.unused("#model")


@pytest.mark.slow
def test_a_trained_model_of_a_number_is_looked_into(visits, served, models):
    playing = served(models["leaf"])
    visit = visits(playing.address)
    page = visit.open()
    answer = page.locator("#model-body td.now").first
    first = answer.inner_text()
    visit.choose("tree", "beech")
    visit.until(lambda: answer.inner_text() != first, "another prediction")
    row = pd.DataFrame({"height (m)": [None], "where": [None], "tree": ["ash"]})
    visit.control("spinbutton", "height (m)").fill("")
    visit.control("spinbutton", "height (m)").press("Enter")
    visit.choose("where", "missing")
    visit.choose("tree", "ash")
    (wanted,) = models["leaf"].predict(row.astype({"height (m)": float}))
    visit.until(lambda: abs(number(answer.inner_text()) - wanted) < 0.002, f"{wanted}")


@pytest.mark.slow
def test_what_a_table_says_is_text_wherever_it_stands(visits, served):
    random = np.random.default_rng(0)
    markup = "<img src=x onerror=alert(1)>"
    x = random.normal(size=(200, 2))
    table = pd.DataFrame(x, columns=[markup, "a,b=c\"d';"])
    table["place"] = random.choice([markup, "<script>alert(2)</script>", "x&amp;y"], 200)
    table["is"] = np.where(x[:, 0] > 0, "<b>yes</b>", "no;,%3C")
    visit = visits(served(table, target="is", name=f"{markup}.csv").address)
    asked = []
    visit.context.on("dialog", lambda dialog: asked.append(dialog.message))
    page = visit.open()
    assert page.locator("#plane .legend").inner_text().split("\n") == ["<b>yes</b>", "no;,%3C"]
    page.get_by_text(f"{markup}.csv: 200 rows").wait_for()
    visit.press("The next row")
    for name in ("Hidden 1, node 1", "Output: <b>yes</b>"):
        visit.press(name)
        lens = visit.control("dialog", "The formula here")
        lens.locator(".formula").first.wait_for()
        if name.startswith("Hidden"):
            assert f"[{markup}]" in lens.locator(".formula").first.inner_text()
        page.keyboard.press("Escape")
    visit.press("Take away")
    visit.until(lambda: "of_table" in page.locator("dialog pre").inner_text(), "the code")
    # The page itself has neither pictures nor scripts in its body.
    assert page.locator("body img, body script").count() == 0
    assert not asked
