"""The page whose connection breaks, and one that waits for a table."""

import threading

import numpy as np
import pytest

from layerwise.playground.material import Material

# A socket that is closed before it is open, in the place of the browser's until it is put back.
BROKEN = """() => {
  window.whole = WebSocket;
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 3;
    constructor() { setTimeout(() => this.onclose(), 10); }
  };
}"""


def cut(playing):
    """Break all connections of a playground, as a network that fails does."""
    room = playing._room
    sockets = [client for client, one in room.connections._open.items() if one.timer is None]
    (loop,) = {page._send.__self__._loop for page in room.pages.values()}
    for client in sockets:
        loop.call_soon_threadsafe(room.connections.cut, client)


def test_what_was_asked_of_a_broken_connection_is_asked_of_no_other(visits, served):
    playing = served()
    visit = visits(playing.address)
    page = visit.open()
    visit.choose("Optimiser", "RMSprop")
    visit.chosen(optimizer="rmsprop")
    page.evaluate(BROKEN)
    cut(playing)
    alert = page.get_by_role("alert")
    visit.until(lambda: "connection" in alert.inner_text(), "the broken connection")
    visit.choose("Optimiser", "SGD")
    visit.choose("Optimiser", "Adam")
    page.evaluate("() => { window.WebSocket = window.whole; }")
    visit.until(alert.is_hidden, "another connection")
    optimizer = visit.control("combobox", "Optimiser")
    visit.until(lambda: optimizer.input_value() == "rmsprop", "what the server has")
    assert visit.choices["optimizer"] == "rmsprop"
    visit.choose("Optimiser", "SGD")
    visit.chosen(optimizer="sgd")


@pytest.mark.slow
def test_a_page_says_that_its_table_is_prepared(visits, served, monkeypatch):
    begins, goes_on = threading.Event(), threading.Event()
    as_ever, shares = Material.of_table, []

    def slow(*given, **options):
        shares.append(options["test"])
        begins.set()
        assert goes_on.wait(60)
        return as_ever(*given, **options)

    pd = pytest.importorskip("pandas")
    x = np.random.default_rng(0).normal(size=(60, 2))
    table = pd.DataFrame({"x": x[:, 0], "y": x[:, 1], "kind": np.where(x[:, 0] > 0, "a", "b")})
    visit = visits(served(table, target="kind").address)
    page = visit.open()
    monkeypatch.setattr(Material, "of_table", slow)
    words = page.get_by_text("The table is being prepared …").filter(visible=True)
    assert words.count() == 0
    visit.choose("Predict", "y")
    assert begins.wait(60)
    words.first.wait_for()
    test = visit.control("slider", "Test rows")
    for _ in range(3):  # of which the last alone is prepared
        test.press("ArrowRight")
        page.wait_for_timeout(200)
    goes_on.set()
    visit.chosen(target="y", test="0.45")
    assert shares == [0.3, 0.45]
    visit.until(lambda: words.count() == 0, "the end of it")
    visit.press("Play")
    visit.until(lambda: visit.state("Epoch") > 0, "an epoch")
