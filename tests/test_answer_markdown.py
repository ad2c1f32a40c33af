"""Text as Markdown: what a Markdown reader shows of it is the text, and nothing in it has become markup."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from answer.markdown import escape, quote

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = "# a ![x](http://203.0.113.7/x.png) <img src=y> [l](javascript:1) `c` *e* ~~s~~ &lt; $x$ 1. b | c\n---\n| - |"


def tokens(text: str) -> list[Token]:
    return [t for block in READER.parse(text) for t in (block.children if block.type == "inline" else [block]) or []]


def shown(text: str) -> str:
    return "".join({"text": t.content, "softbreak": "\n", "hardbreak": "\n"}.get(t.type, "") for t in tokens(text))


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" \n#-+=1.)*_`[]()<>!&|~\\"), min_size=1))
@example(HOSTILE)
@example("1) x\n2. y\n- z\n+ w\n===\n--")
def test_no_text_becomes_markup(text: str) -> None:
    line = "\n".join(" ".join(part.split()) for part in text.split("\n") if part.strip())
    kinds = {token.type for token in tokens(escape(line))}
    assert kinds <= {"paragraph_open", "paragraph_close", "text", "softbreak", "text_special"}
    assert shown(escape(line)).replace("\xa0", " ") == line


def test_what_is_not_seen_is_left_out_and_addresses_are_no_links() -> None:
    assert escape("a\u202eb\u200bc\x00d\ud800e") == "abcde"
    assert escape("see http://x.example or www.x.example") == r"see http\://x.example or www\.x.example"
    assert escape("2026-01-31") == "2026-01-31"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("One sentence.", "> One sentence."),
        ("Themes:\n\n- open\n  - to [all]", "> Themes:\n>\n> - open\n>   - to \\[all\\]"),
        ("Norway — NOSA\nPoland — POLSA", "> Norway — NOSA\\\n> Poland — POLSA"),
    ],
)
def test_a_quote_keeps_its_lists_and_rows(text: str, markdown: str) -> None:
    assert quote(text) == markdown


def test_a_hostile_quote_is_a_quote_and_nothing_else() -> None:
    kinds = {t.type for t in tokens(quote(HOSTILE))}
    assert not kinds & {"image", "link_open", "html_inline", "html_block", "code_inline", "heading_open", "hr"}
    assert unicodedata.is_normalized("NFC", HOSTILE)
