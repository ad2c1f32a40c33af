"""Placing a quote on its page: the right occurrence, whole words, exact digits, one box a line, and None where in doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.place import Letter, fold, line_boxes, locate, place


def letters(text: str, width: int = 40) -> list[Letter]:
    """A page on which `text` is set in lines: each character is 0.01 wide and 0.02 high, lines are 0.03 apart."""
    out: list[Letter] = []
    column = row = 0
    for character in text:
        if character == "\n" or column == width:
            column, row = 0, row + 1
        left, top = column * 0.01, row * 0.03
        box = (0.0, 0.0, 0.0, 0.0) if character == "\n" else (left, top, left + 0.01, top + 0.02)
        out.append(Letter(character, box))
        column += character != "\n"
    return out


def found(page: str, text: str, quote: str, nth: int = 0) -> list[str] | None:
    """The words of the page where the `nth` occurrence of `quote` in `text` is placed, run by run."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    runs = locate(letters(page), text, start, start + len(quote))
    return None if runs is None else [page[a:b] for a, b in runs]


def test_folding_keeps_letters_and_digits_and_what_stands_between_digits() -> None:
    assert fold("Road-\nmapping ﬁne: É").text == "roadmappingfinee"
    assert fold("1.5 to 2,5; 10 000 (2018–2024)").text == "1.5to2,5;10 000(2018-2024"
    assert fold("1.5").text != fold("15").text


def test_a_quote_is_found_through_hyphens_ligatures_spaces_and_case() -> None:
    page = "Header\nThe coordi-\nnated ﬁnal  vision of Agência. Next"
    text = "The coordinated final vision of Agência. Next"
    assert found(page, text, "The coordinated final vision of Agência.") == [
        "The coordi-\nnated ﬁnal  vision of Agência."
    ]


@pytest.mark.parametrize(("page", "quote"), [("It is 15 km.", "It is 1.5 km."), ("In 2018 to 24.", "In 2018.24.")])
def test_other_digits_are_no_match(page: str, quote: str) -> None:
    assert found(page, quote, quote) is None


def test_a_match_inside_a_word_is_none() -> None:
    assert found("The bigagency paid.", "agency paid.", "agency paid.") == ["agency paid."]  # may be cut by the page
    assert found("The bigagency paid.", "An agency paid.", "agency paid.") is None
    assert found("See page 20185 now", "In page 2018 now", "page 2018") is None


def test_the_occurrence_is_chosen_by_its_neighbours() -> None:
    page = (
        "The agency paid nothing in the year of one.\nSum 5.\nThe agency paid dearly for the second one.\nSum 5.\nEnd"
    )
    text = page.replace("\n", "\n\n")
    runs = locate(letters(page), text, text.index("Sum 5."), text.index("Sum 5.") + 6)
    other = locate(letters(page), text, text.rindex("Sum 5."), text.rindex("Sum 5.") + 6)
    assert runs == ((page.index("Sum 5."), page.index("Sum 5.") + 6),)
    assert other == ((page.rindex("Sum 5."), page.rindex("Sum 5.") + 6),)


def test_occurrences_that_cannot_be_told_apart_are_taken_in_their_order() -> None:
    page = "yes no\nyes no\nyes no"
    assert found(page, page, "yes", nth=1) == ["yes"]
    runs = locate(letters(page), page, 7, 10)
    assert runs == ((7, 10),)


def test_in_doubt_there_is_no_box() -> None:
    # the text has one "yes" only, the page has three, and nothing around them tells which it is
    assert found("a yes b\nc yes d\ne yes f", "x yes z", "yes") is None
    assert found("nothing of the kind", "A quote.", "A quote.") is None
    assert found("", "A quote.", "A quote.") is None
    assert found("— — —", "— — —", "—") is None


def test_items_are_placed_each_and_their_markers_are_not() -> None:
    page = "Themes:\n• Open to all\no Flexible\nEnd"
    text = "Themes:\n\n- Open to all\n- Flexible\n\nEnd"
    assert found(page, text, "Open to all\n- Flexible") == ["Open to all", "Flexible"]


def test_marks_around_the_words_belong_to_them() -> None:
    page = "He said “we go” (twice). Then"
    assert found(page, page, "“we go” (twice).") == ["“we go” (twice)."]


def test_a_line_has_one_box_and_columns_have_their_own() -> None:
    page = letters("abc def\nghi jkl")
    assert [tuple(round(side, 3) for side in box) for box in line_boxes(page)] == [
        (0, 0, 0.07, 0.02),
        (0, 0.03, 0.07, 0.05),
    ]
    right = [Letter("x", (0.6, 0, 0.61, 0.02))]
    assert len(line_boxes(page[:3] + right)) == 2


def test_words_written_downwards_have_one_box() -> None:
    down = [Letter(c, (0.5, 0.1 + 0.01 * n, 0.52, 0.11 + 0.01 * n)) for n, c in enumerate("sideways")]
    assert len(line_boxes(down)) == 1


def test_the_second_reading_is_tried_where_the_first_has_it_not() -> None:
    text = "one two three four"
    columns = letters("one three two four")
    assert place([columns], text, 0, len(text)) is None
    boxes = place([columns, letters(text)], text, 0, len(text))
    assert boxes is not None
    assert len(boxes) == 1


@given(
    st.text(st.sampled_from("ab12. -\n"), max_size=30), st.text(st.sampled_from("ab12. -\n"), min_size=1, max_size=12)
)
def test_what_is_found_reads_as_the_quote(page: str, quote: str) -> None:
    runs = locate(letters(page), quote, 0, len(quote))
    if runs is not None:
        read = "".join(fold(page[a:b]).text for a, b in runs)
        assert read == "".join(fold(line).text for line in quote.split("\n"))
