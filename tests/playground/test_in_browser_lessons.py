"""The playground's lessons, done in a browser; and a class with its teacher."""

import re

import pytest

from layerwise.playground import server

LESSONS = [
    "A perceptron and a line",
    "XOR, and why one layer is needed",
    "Counting 3-4-4-1",
    "No activation, no curve",
    "How deep?",
    "Backpropagation by hand",
    "Softmax and −ln p",
    "Your own table",
]


@pytest.fixture
def lesson(visit):
    """Opens a lesson, by its title in the list."""

    def begin(title):
        visit.open()
        visit.press("Lessons")
        visit.control("dialog", "Lessons").get_by_role("button", name=title).click()
        card(visit).get_by_role("heading", name=title).wait_for()
        assert not is_done(visit)
        return visit

    return begin


def card(visit):
    return visit.page.locator("#lesson")


def is_done(visit):
    return card(visit).get_by_text("Done.", exact=True).count() == 1


def done(visit):
    visit.until(lambda: is_done(visit), "the task's being done")


@pytest.mark.slow
def test_a_perceptron_is_turned_by_hand(lesson):
    visit = lesson("A perceptron and a line")
    visit.chosen(data="line", lesson="perceptron")
    visit.press("Output: 1")
    lens = visit.control("dialog", "The formula here")
    for name, value in (("x1", "4"), ("x2", "2"), ("Bias", "-2")):
        lens.get_by_role("spinbutton", name=name).fill(value)
        lens.get_by_role("spinbutton", name=name).press("Enter")
    lens.get_by_role("button", name="Close").click()
    visit.press("Output: 0")
    for name in ("x1", "x2", "Bias"):
        lens.get_by_role("spinbutton", name=name).fill("0")
        lens.get_by_role("spinbutton", name=name).press("Enter")
    done(visit)
    assert visit.state("Epoch") == 0


@pytest.mark.slow
def test_xor_needs_a_layer(lesson):
    visit = lesson("XOR, and why one layer is needed")
    visit.choose("Speed", "as fast as it can")
    visit.press("Play")
    visit.until(lambda: visit.state("Epoch") > 100, "a hundred epochs")
    assert visit.scores()[1] < 80  # a line cannot
    assert not is_done(visit)
    visit.press("Add a layer")
    visit.chosen(layers="4:tanh")
    visit.press("Play")
    done(visit)
    visit.until(lambda: visit.scores()[1] >= 95, "the score that is shown")
    visit.press("Lessons")
    entry = visit.control("dialog", "Lessons").get_by_role("listitem").filter(has_text="XOR")
    assert entry.get_by_title("Done.").count() == 1


def test_parameters_are_counted(lesson):
    visit = lesson("Counting 3-4-4-1")
    answer = visit.control("spinbutton", "Your answer")
    assert visit.page.get_by_text("41 parameters").count() == 0  # it is the question
    answer.fill("40")
    visit.press("Check")
    card(visit).get_by_text("Not yet.").wait_for()
    answer.fill("41")
    visit.press("Check")
    done(visit)
    visit.page.get_by_text("41 parameters").wait_for()
    inner = visit.page.locator("#network").get_by_role(
        "button", name=re.compile("^Hidden ., node ")
    )
    assert inner.count() == 8
    # To the next lesson, the one before, from the beginning, and out.
    visit.press("Next lesson")
    card(visit).get_by_text("Lesson 4 of 8").wait_for()
    visit.press("Previous")
    card(visit).get_by_text("Lesson 3 of 8").wait_for()
    visit.press("From the beginning")
    assert not is_done(visit)
    assert not visit.unused("#lesson") - {("button", "Leave the lesson")}
    visit.press("Leave the lesson")
    assert card(visit).is_hidden()
    assert "lesson" not in visit.choices


@pytest.mark.slow
def test_without_an_activation_there_is_no_curve(lesson):
    visit = lesson("No activation, no curve")
    visit.choose("Activation, Hidden 1", "tanh")
    visit.choose("Activation, Hidden 2", "tanh")
    visit.chosen(layers="6:tanh,6:tanh")
    visit.choose("Speed", "as fast as it can")
    visit.press("Play")
    done(visit)


def test_a_step_is_taken_by_hand(lesson):
    visit = lesson("Backpropagation by hand")
    unit = visit.control("combobox", "Step by")
    visit.until(lambda: unit.input_value() == "phase", "steps of one layer")
    for part in range(1, 7):
        assert not is_done(visit)
        visit.press("Step")
        visit.page.get_by_text(f"Part {part} of 6").wait_for()
    done(visit)


@pytest.mark.slow
def test_depths_are_compared(lesson):
    visit = lesson("How deep?")
    visit.choose("Speed", "as fast as it can")
    for n in (1, 4):
        while len(visit.choices["layers"].split(",")) < n:
            before = visit.choices["layers"]
            visit.press("Add a layer")
            visit.until(lambda before=before: visit.choices["layers"] != before, "a layer more")
        visit.learn_until(lambda: visit.state("Epoch") >= 100, "a hundred epochs")
        assert not is_done(visit)
        visit.press("Keep")
    done(visit)


@pytest.mark.slow
def test_a_points_loss_falls(lesson):
    visit = lesson("Softmax and −ln p")
    loss = visit.page.locator("#way .stage-card.loss .big")
    visit.press("The next row")
    loss.wait_for()
    for _ in range(200):
        if float(loss.inner_text()) > 1:
            break
        visit.press("The next row")
        visit.page.wait_for_timeout(30)
    assert not is_done(visit)
    visit.press("Play")
    done(visit)


@pytest.mark.slow
def test_a_table_of_ones_own_is_learned(lesson):
    visit = lesson("Your own table")
    visit.choose("Table", "Your own table")
    visit.press("Penguins")
    visit.chosen(data="table")
    visit.press("Play")
    done(visit)


@pytest.mark.slow
def test_a_link_from_the_guide_begins_a_lesson(visit):
    visit.open("lesson=xor")
    card(visit).get_by_role("heading", name=LESSONS[1]).wait_for()
    visit.chosen(lesson="xor", data="xor")


def test_a_teacher_sees_who_is_here_and_sends_lessons(visits, served, monkeypatch):
    monkeypatch.setattr(server, "_PEOPLE_SECONDS", 0.2)
    playing = served(classroom=True)
    teacher = visits(playing.address)
    students = [visits(playing.address_for_students), visits(playing.address_for_students)]
    teacher.open()
    teacher.page.get_by_text("Nobody is here yet.").wait_for()
    for visit, name in zip(students, ("Ada", "김철수"), strict=True):
        visit.open()
        visit.control("textbox", "What is your name?").fill(name)
        visit.press("Come in")
        visit.control("dialog", "What is your name?").wait_for(state="detached")
        assert visit.page.locator("#teacher").is_hidden()
    for name in ("Ada", "김철수"):
        teacher.page.get_by_role("row", name=name).get_by_text("Circles").wait_for()
    assert "Who is here (2)" in teacher.page.locator("#teacher caption").inner_text()
    # A lesson for all; one of them does its task.
    teacher.choose("Send a lesson to all", LESSONS[2])
    teacher.press("Send")
    for visit in students:
        card(visit).get_by_role("heading", name=LESSONS[2]).wait_for()
    ada, other = students
    ada.control("spinbutton", "Your answer").fill("41")
    ada.press("Check")
    done(ada)
    teacher.page.get_by_role("row", name="Ada").get_by_text("✓").wait_for()
    assert "✓" not in teacher.page.get_by_role("row", name="김철수").inner_text()
    assert not is_done(other)
    # What the teacher sees, for all.
    teacher.choose("Table", "Spirals")
    teacher.chosen(data="spirals")
    teacher.press("Send what I see to all")
    for visit in students:
        visit.chosen(data="spirals")
    assert teacher.unused("#teacher") <= {("button", "Sent")}
    # A student who closes the page is not here any more.
    ada.page.close()
    teacher.page.get_by_role("row", name="Ada").wait_for(state="detached")
