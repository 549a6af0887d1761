"""The page reached from another site: in its frame, as a notebook shows it, and by its link."""

import functools
import http.server
import threading

import pytest

from layerwise.playground.guard import _own_address


@pytest.fixture
def elsewhere(tmp_path):
    """Serves a page with what is given as its body, at another site than the playground's."""
    handler = functools.partial(QuietHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def serve(body):
        (tmp_path / "index.html").write_text(f"<!doctype html><title>Notebook</title>{body}")
        return f"http://localhost:{server.server_port}/"

    yield serve
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *given):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_notebook_shows_it_also_from_another_machine(browser, served, elsewhere, host):
    playing = served(in_frames=True, host=host)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(elsewhere(playing._repr_html_()))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Play", exact=True).click()
    frame.get_by_role("button", name="Pause", exact=True).click()
    frame.get_by_role("combobox", name="Table").select_option(label="Your own table")
    frame.get_by_role("button", name="Penguins").click()
    frame.get_by_text("penguins-raw.csv: 344 rows").wait_for()
    frame.get_by_role("combobox", name="Predict").select_option(label="Island")
    at = next(one.url for one in page.frames if one.url.startswith("http") and one.parent_frame)
    where = _own_address() if host == "0.0.0.0" else host
    assert at.startswith(f"http://{where}:")
    context.close()


def test_a_link_on_another_site_opens_it(browser, served, elsewhere):
    playing = served(classroom=True)
    for address, place in ((playing.address, "/teacher/"), (playing.address_for_students, "/")):
        context = browser.new_context()
        page = context.new_page()
        page.goto(elsewhere(f'<a href="{address}#lesson=xor">Come in</a>'))
        page.get_by_role("link").click()
        page.get_by_role("button", name="Play", exact=True).wait_for()
        assert page.url.split("#")[0].endswith(place)
        assert "token" not in page.url
        context.close()
