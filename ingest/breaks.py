"""Makes whole the paragraphs and list items that a column or page break cuts; blocks.py made them of the lines."""

from collections.abc import Collection, Sequence

from ingest.blocks import ENDS_WHOLE, HEADING, HYPHENED, ITEM, SAME_SIZE, TEXT, Block

LOOKAHEAD = 6  # blocks (captions, notes, tables) that may stand between the halves of a cut paragraph
SHORT = 20  # characters: what is shorter is a label or caption, not a paragraph that goes on


def join_cut_paragraphs(blocks: Sequence[Block], words: Collection[str]) -> list[Block]:
    """Make whole the paragraphs and items that a column or page break cuts.

    What stands between the halves goes before the whole or after it, so that the text stays in the order of the pages.
    """
    joined: list[Block] = []
    rest = list(blocks)
    while rest:
        block = rest.pop(0)
        at = _continuation(block, rest)
        while at is not None:
            page = block.fragments[-1][0]
            before = [other for other in rest[:at] if other.page == page]
            if before and block.page != page:
                break
            joined += before
            for part in rest[at].fragments:
                block.add(*part, words)
            block.lines += rest[at].lines
            block.closes, block.room = rest[at].closes, rest[at].room
            rest[: at + 1] = [other for other in rest[:at] if other.page != page]
            at = _continuation(block, rest)
        joined.append(block)
    return joined


def _continuation(block: Block, rest: Sequence[Block]) -> int | None:
    """The index in `rest` of the block that goes on where `block` is cut; None when it is whole."""
    hyphened = HYPHENED.search(block.text) is not None
    if block.kind not in {TEXT, ITEM} or (ENDS_WHOLE.search(block.text) and not hyphened) or len(block.text) < SHORT:
        return None
    for at, other in enumerate(rest[:LOOKAHEAD]):
        if other.kind == HEADING or other.page > block.fragments[-1][0] + 1:
            return None
        if not _alike(block, other):
            continue
        goes_on = hyphened or other.text[0].islower() or _next_word_did_not_fit(block, other)
        broken = at == 0 or any(between.opens for between in rest[: at + 1])  # nothing is cut within a column
        return at if goes_on and broken and (other.opens or not block.closes) else None
    return None


def _alike(block: Block, other: Block) -> bool:
    """Whether both are set in the same style; the rest of a list item stands in as its text does."""
    styled = other.kind == TEXT and abs(other.size - block.size) <= SAME_SIZE and other.bold == block.bold
    return styled and (block.kind == TEXT or abs(other.indent - block.indent) <= block.size)


def _next_word_did_not_fit(block: Block, other: Block) -> bool:
    """Whether a paragraph without a stop may go on with a capital or figure: at the end of its flow, in a full line."""
    return block.lines > 1 and block.closes and other.opens and block.room < other.head + 0.3 * block.size
