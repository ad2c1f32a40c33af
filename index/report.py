"""What an update of an index reports: while it goes on, to whom it may concern (Watch), and at its end (BuildReport)."""

from dataclasses import dataclass, field

from index.embed import Progress
from index.lock import Waiting
from index.plan import Duplicate
from ingest.corpus import Refused


@dataclass(frozen=True)
class Renamed:
    """A report whose file has another name now, and the same bytes."""

    old: str
    new: str


@dataclass(frozen=True)
class Warned:
    """What a person should know of a document that was read: its name, and a sentence ("pages 4–9 hold no text …")."""

    name: str
    text: str


@dataclass
class BuildReport:
    """What an update did, or would do, by document name; `seconds` in all.

    `changed` are new editions under the old name, `recognised` the same ones with the text of their scanned pages,
    `corrected` the same ones with another title, year or kind by reports.toml. `left` are the files of removed reports that
    are still where they were read from. `warnings` are of the documents that were read in it. `embedded` counts the texts
    that the model had to read.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Watch:
    """Whom an update tells how it goes on: `reading` gets bytes of files, `embedding` texts, each with how many in all.

    `waiting` is told who holds the index while another process does; without it, that is an error.
    """

    reading: Progress | None = None
    embedding: Progress | None = None
    waiting: Waiting | None = None


NOBODY = Watch()
