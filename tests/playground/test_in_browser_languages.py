"""The playground's page in both languages, on a phone, and by keyboard alone."""

import re
from pathlib import Path

import pytest

import layerwise
from layerwise.architecture import ACTIVATIONS, LOSSES
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.training import SCHEDULES

FOLDER = Path(layerwise.__file__).parent / "playground" / "page"
HANGUL = re.compile("[ㄱ-힣]+")
# What is written in Latin letters on a Korean page: names of the field, of the engine, of nodes.
NAMES = {
    *ACTIVATIONS, *LOSSES, *SCHEDULES, *INITIALIZATIONS,
    "Layerwise", "XOR", "SGD", "Adam", "AdamW", "RMSprop", "L-BFGS", "ReLU", "softmax",
    "SVG", "PNG", "Python", "CSV", "Excel", "Parquet", "JSON", "EN", "exp",
    "Enter", "Shift",
}  # fmt: skip
DIGITS_INPUT = re.compile(r"row \d column \d")
LONGER_THAN_A_SYMBOL = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
SOURCE = re.compile(r"[A-Z].* \d{4}")  # authors, and the year


def words_of(page):
    """All that a visitor reads or hears on the page as it stands."""
    return page.evaluate(
        """() => {
            const said = [document.title];
            const read = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (read.nextNode()) {
                const element = read.currentNode.parentElement;
                // Formulas and code are the same in all languages.
                if (!element.closest("[lang]:not(html), .formula, .formula-line, pre, script")) {
                    said.push(read.currentNode.textContent);
                }
            }
            for (const name of ["aria-label", "title", "placeholder", "aria-valuetext", "alt"]) {
                for (const element of document.querySelectorAll(`[${name}]`)) {
                    // The title of an activation is its formula.
                    if (element.closest("[lang]:not(html), [name^=activation]")) continue;
                    said.push(element.getAttribute(name));
                }
            }
            return said.filter((text) => text.trim());
        }"""
    )


def states(visit):
    """The page in state after state; the name of each."""
    page = visit.open("data=blobs&layers=14:relu&classes=4")
    yield "toy data"
    for fold in page.locator("summary").all():
        if fold.is_visible():
            fold.click()
    page.locator("[name=row-next]").click()
    page.locator("#way .stage-card.loss").wait_for()
    page.locator("#way .worked > summary").click()
    page.locator("#way .formula").first.wait_for()
    page.locator("[name=keep]").click()
    yield "all folds open, a point followed"
    page.locator("[name=node-0-0]").click()
    page.locator("#lens .formula").first.wait_for()
    yield "a node's formula"
    page.locator("#lens .weights button").first.click()
    page.locator("#lens .formulas p").last.wait_for()
    yield "the chain rule of a weight"
    page.keyboard.press("Escape")
    for name in ("settings-0", "take", "lessons"):
        page.locator(f"[name={name}]").click()
        page.locator("dialog[open]").wait_for()
        yield f"the window of {name}"
        page.keyboard.press("Escape")
    page.locator("[name=unit]").select_option("phase")
    for part in range(6):
        page.locator("[name=step]").click()
        page.wait_for_timeout(60)
        yield f"part {part} of a step"
    for data in ("points", "digits", "waves", "table"):
        page.locator("[name=data]").select_option(data)
        page.wait_for_timeout(150)
        yield f"the data {data}"
    page.locator("[name=open-paste]").click()
    yield "a table to be pasted"
    page.keyboard.press("Escape")
    for name in ("perceptron", "xor", "counting", "linear", "depth", "backpropagation",
                 "softmax", "table"):  # fmt: skip
        page.locator("[name=lessons]").click()
        page.locator(f"[name=lesson-{name}]").click()
        page.wait_for_timeout(100)
        yield f"the lesson {name}"


def is_english(text):
    words = set(LONGER_THAN_A_SYMBOL.findall(text)) - NAMES
    return words and not SOURCE.fullmatch(text) and not DIGITS_INPUT.fullmatch(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("locale", "language", "is_foreign"),
    [("ko-KR", "ko", is_english), ("de-DE", "en", HANGUL.search)],
)
def test_a_phone_never_scrolls_sideways_nor_speaks_another_language(
    visits, served, playground, locale, language, is_foreign
):
    options = {"locale": locale, "width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    found = {}

    def look(page, state):
        wide, spoken = page.evaluate(
            """() => [
                Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
                document.documentElement.lang,
            ]"""
        )
        assert spoken == language
        if wide > 390:
            found[f"{wide} pixels"] = state
        for text in words_of(page):
            if is_foreign(text):
                found.setdefault(text, state)

    visit = visits(playground.address, **options)
    for state in states(visit):
        look(visit.page, state)
    classroom = served(classroom=True)
    look(visits(classroom.address, **options).open(), "a teacher's page")
    look(visits(classroom.address_for_students, **options).open(), "a student's page")
    assert not found, "\n".join(f"{state}: {what!r}" for what, state in found.items())


def test_each_text_is_there_in_both_languages_and_is_used(visit):
    page = visit.open()
    english, korean = (
        page.evaluate(f"import('/words_{code}.js').then((words) => words.{name})")
        for code, name in (("en", "ENGLISH"), ("ko", "KOREAN"))
    )
    # What is counted has a form for one in English, and in Korean the same for all.
    assert {key for key in english if not key.endswith(".one")} == {
        key for key in korean if not key.endswith(".one")
    }
    for key in english.keys() & korean.keys():
        braces = [sorted(re.findall(r"\{\w+\}", words[key])) for words in (english, korean)]
        assert braces[0] == braces[1], key
        assert english[key].strip(), key
        assert korean[key].strip(), key
        assert not HANGUL.search(english[key]), key
    lessons = [
        page.evaluate(f"import('/lessons_{code}.js').then((words) => words.{name})")
        for code, name in (("en", "LESSONS_ENGLISH"), ("ko", "LESSONS_KOREAN"))
    ]
    assert lessons[0].keys() == lessons[1].keys()
    assert len(lessons[0]) == 8
    for name in lessons[0]:
        assert [len(words[name]["sentences"]) for words in lessons] == [3, 3]
        assert HANGUL.search(lessons[1][name]["task"])
    code = "".join(path.read_text() for path in FOLDER.iterdir() if path.suffix in (".js", ".html")
                   and not path.name.startswith("words_"))  # fmt: skip
    written = set(re.findall(r"""[t(\[?:=,] ?[`"]([\w.]+)["`]""", code))
    stems = set(re.findall(r"[`\"]([\w.]+\.)\$\{", code)) | {
        f"{group}." for group in re.findall(r'named\("(\w+)"', code)
    }
    stems |= {"optimizer.", "schedule.", "loss."}  # by their choice's name
    written |= {"arms", "classes"}  # by the option of a toy table
    unused = {
        key for key in english
        if key.removesuffix(".one") not in written and not key.startswith(tuple(stems))
    }  # fmt: skip
    assert unused == set()


def tab_to(visit, name):
    """Go on by Tab until the control with an accessible name has the focus."""
    met = []
    for _ in range(120):
        visit.page.keyboard.press("Tab")
        focused = visit.page.locator(":focus")
        if focused.count():
            met.append(re.sub(r"^- ", "", focused.aria_snapshot().split("\n")[0]))
            if f'"{name}"' in met[-1]:
                return met
    raise AssertionError(f"Tab does not lead to {name!r}, but to {met}")


def test_by_keyboard_alone(visit):
    page = visit.open("data=xor&layers=3:tanh")
    page.mouse.move(0, 0)
    keys = page.keyboard
    met = tab_to(visit, "To the network")
    assert len(met) == 1  # the very first stop
    # Play and pause by Space, wherever the focus is; step and start again by their letters.
    tab_to(visit, "Play")
    keys.press("Enter")
    visit.until(lambda: visit.state("Epoch") > 0, "an epoch")
    keys.press("Enter")
    visit.control("button", "Play").wait_for()
    page.evaluate("document.activeElement.blur()")
    keys.press("r")
    visit.until(lambda: visit.state("Epoch") == 0, "the beginning")
    first = visit.state("Loss, training")
    keys.press("s")
    visit.until(lambda: visit.state("Loss, training") != first, "a step")
    keys.press("Space")
    visit.until(lambda: visit.state("Epoch") > 0, "an epoch")
    keys.press("Space")
    visit.control("button", "Play").wait_for()
    # A choice, a slider, a checkbox.
    tab_to(visit, "Optimiser")
    keys.press("ArrowUp")
    visit.chosen(optimizer="sgd")
    # Through the network by arrows; a formula; a weight; and back where one was.
    tab_to(visit, "x1")
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    assert page.locator(":focus").get_attribute("aria-label") == "Hidden 1, node 2"
    keys.press("Enter")
    lens = visit.control("dialog", "The formula here")
    lens.locator(".formula").first.wait_for()
    field = lens.get_by_role("spinbutton", name="x2")
    for _ in range(12):
        keys.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            break
    keys.press("ControlOrMeta+a")
    keys.type("1.5")
    keys.press("Enter")
    slider = lens.get_by_role("slider", name="x2")
    visit.until(lambda: slider.input_value() == "1.5", "the weight")
    keys.press("Escape")
    assert lens.is_hidden()
    assert page.locator(":focus").get_attribute("aria-label") == "Hidden 1, node 2"
    # A point of the plane.
    met = tab_to(visit, "What the network says over the plane. "
                        "Arrow keys move the cross, Enter chooses a point")  # fmt: skip
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        keys.press(key)
    page.get_by_text(re.compile(r"^x1 .*, x2 .*: 0 \d")).wait_for()
    keys.press("Enter")
    visit.region("One point’s way").get_by_role("heading", name="Hidden 1").wait_for()
    keys.press("Escape")
    page.get_by_text("Click a point on the plane").wait_for()
    # A window holds the focus, and gives it back.
    tab_to(visit, "Keep")
    page.evaluate("document.querySelector('[name=take]').focus()")
    keys.press("Enter")
    window = visit.control("dialog", "Take away")
    window.wait_for()
    for _ in range(6):
        keys.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert page.evaluate(inside)
    keys.press("Escape")
    window.wait_for(state="detached")
    assert page.locator(":focus").get_attribute("name") == "take"
