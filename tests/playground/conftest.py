"""A browser for all tests of a file, and visits to a server for each."""

import pytest

from layerwise.playground.opening import begin
from tests.playground.browser import Visit, chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def playground(browser):
    """A playground of toy data."""
    playing = begin()
    playing.serve_beside()
    yield playing
    playing.close()


@pytest.fixture
def served():
    """Opens playgrounds, as `begin` does, until the test ends."""
    begun = []

    def serve(*things, **options):
        begun.append(begin(*things, **options))
        begun[-1].serve_beside()
        return begun[-1]

    yield serve
    for playing in begun:
        playing.close()


@pytest.fixture
def visits(browser, served):
    """Makes visitors; at the end no page may have said a word, nor asked another host."""
    begun = []

    def visit(address, **options):
        begun.append(Visit(browser, address, **options))
        return begun[-1]

    yield visit
    for one in begun:
        one.context.close()
    assert [said for one in begun for said in one.complaints] == []


@pytest.fixture
def visit(visits, playground):
    """A visitor of the playground of toy data."""
    return visits(playground.address)
