"""ingest/sandbox.py: a child's result comes back, and nothing that a child does harms its parent."""

from pathlib import Path

import pytest

from ingest.document import Unreadable
from ingest.sandbox import Limits, run_limited


def test_result_comes_back_with_what_went_in(tmp_path: Path) -> None:
    path = tmp_path / "--a name; with $(odd) 'characters'\n.pdf"
    expected = {"path": str(path), "pages": 7, "number": 3}
    assert run_limited("tests.targets:echo", path, Limits(pages=7), number=3) == expected


def test_refusal_keeps_its_words() -> None:
    with pytest.raises(Unreadable, match=r"^x.pdf is no report – “really”.$"):
        run_limited("tests.targets:refuse", Path("x.pdf"), Limits())


def test_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Unreadable, match=r"^Reading it took longer than 0.5 seconds; --max-seconds N allows more\.$"):
        run_limited("tests.targets:sleep", Path("x.pdf"), Limits(seconds=0.5))


@pytest.mark.parametrize("target", ["tests.targets:devour", "tests.targets:crash"])
def test_child_that_dies_or_wants_too_much_memory_is_one_clear_refusal(target: str) -> None:
    with pytest.raises(
        Unreadable,
        match=r"^The file is damaged, or needs more than 0.5 GiB of memory to be read; --max-memory N allows more\.$",
    ):
        run_limited(target, Path("x.pdf"), Limits(memory=0.5))
