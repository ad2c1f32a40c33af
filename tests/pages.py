"""What the tests of the chat share: a small document, and a reader of HTML that sees what a browser shows."""

from html.parser import HTMLParser

from ingest.document import Document, Section

SCOPE = """Scope

The scope is broad:

- Open
  - to all
  - <b>always</b>
- Flexible

Norway — NOSA
Poland — POLSA"""
SMALL = Document(
    name="small.txt",
    sha256="0" * 64,
    title="Small Report",
    year=2031,
    text=SCOPE,
    pages=(),
    sections=(Section(("Scope",), 0, 7, len(SCOPE), "4"),),
)


class Page(HTMLParser):
    """What a browser makes of HTML: tags with their attributes, the text, and the text inside <mark> and <strong>."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = self.marked = self.strong = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.marked += data if "mark" in self.open else ""
        self.strong += data if "strong" in self.open else ""

    def values(self, attribute: str) -> list[str | None]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]
