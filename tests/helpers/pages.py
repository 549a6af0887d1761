"""A page of HTML taken apart."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}
# What ends cells and rows that have no end of their own (HTML, 13.1.2.4, "Optional tags").
ENDED_BY_START = {"td": {"td", "tr", "tbody"}, "tr": {"tr", "tbody"}}
ENDED_BY_END = {"td": {"tr", "tbody", "table"}, "tr": {"tbody", "table"}}


@dataclass
class Page(HTMLParser):
    """A page's elements, text and headings; tags that do not match fail at once."""

    source: str
    tags: list = field(default_factory=list)
    attributes: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    headings: dict = field(default_factory=dict)
    tables: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._open, self._heading = [], None
        self.feed(self.source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self._end_before(ENDED_BY_START, tag)
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "h2":
            self._heading = ""

    def _end_before(self, ended_by, tag):
        while self._open and tag in ended_by.get(self._open[-1], ()):
            self._open.pop()

    def handle_endtag(self, tag):
        self._end_before(ENDED_BY_END, tag)
        assert self._open.pop() == tag
        if tag == "h2":
            self.headings[self._heading] = []

    def handle_data(self, data):
        data = data.replace("\u00a0", " ")
        if not {"script", "style"} & set(self._open):
            self.texts.append(data)
            if {"td", "th"} & set(self._open):
                self.tables[-1][-1][-1] += data
            if "h2" in self._open:
                self._heading += data
            elif self.headings:
                self.headings[next(reversed(self.headings))].append(data)

    @property
    def text(self):
        return " ".join(self.texts)


def assert_whole_and_offline(source):
    """A page is well-formed, its links lead to places in it, and it refers to nothing outside."""
    page = Page(source)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links
    assert all(link[1:] in ids and link[0] == "#" for link in links)
    assert page.tags.count("h1") == 1
    assert not re.search(r"https?:|file:|url\((?!#)|@import|//[a-z]", source)
    assert not {"link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not [1 for _, name, _ in page.attributes if name in {"src", "xlink:href", "srcset"}]
