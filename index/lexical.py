"""Ranks passages by words: BM25 in SQLite's FTS5, with the share of the question's weight that a passage holds."""

import math
import sqlite3
import threading
from collections.abc import Collection, Iterable
from functools import lru_cache

TOKENISER = "porter unicode61 remove_diacritics 2"
K1 = 1.2  # FTS5's constant (and b = 0.75): Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework"
REMEMBERED = 20_000  # texts whose terms are kept: the same sentences come up question after question
SCHEMA = f"""
CREATE VIRTUAL TABLE words USING fts5(searched, content='', tokenize='{TOKENISER}');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);
"""


class Tokeniser:
    """Splits text into folded, stemmed terms as FTS5 does: "The Agencies" becomes "the", "agenc", by `terms`."""

    def __init__(self) -> None:
        """Open a private database in memory; FTS5 shows its terms only through a table."""
        self._lock = threading.Lock()  # several questions are asked at once, and there is one table
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, tokenize='{TOKENISER}')")
        self._database.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(words, instance)")
        self.terms = lru_cache(maxsize=REMEMBERED)(self._terms)

    def _terms(self, text: str) -> tuple[str, ...]:
        with self._lock:
            self._database.execute("INSERT INTO words(rowid, text) VALUES (1, ?)", (text,))
            rows = self._database.execute("SELECT term FROM terms ORDER BY offset").fetchall()
            self._database.execute("DELETE FROM words")
        return tuple(row[0] for row in rows)


def fill(database: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Create the word index in `database` from (passage id, searched text)."""
    database.executescript(SCHEMA)
    database.executemany("INSERT INTO words(rowid, searched) VALUES (?, ?)", rows)


class Lexical:
    """BM25 over the passages of one open index."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Read the document frequencies out of `database`, which `fill` made."""
        self._database = database
        self._tokeniser = Tokeniser()
        self._total = database.execute("SELECT count(*) FROM passages").fetchone()[0]
        self.frequency: dict[str, int] = dict(database.execute("SELECT term, doc FROM vocabulary"))

    def terms(self, text: str) -> tuple[str, ...]:
        """The folded, stemmed terms of `text`."""
        return self._tokeniser.terms(text)

    def idf(self, term: str) -> float:
        """FTS5's weight of a term: log((N - n + 0.5) / (n + 0.5)), not below 1e-6; N passages, n of them with the term."""
        n = self.frequency.get(term, 0)
        return max(math.log((self._total - n + 0.5) / (n + 0.5)), 1e-6)

    def search(self, question: str, k: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The best `k` passages: {passage id: score}, score = BM25 over the most that any passage could have, in [0, 1)."""
        terms = set(self.terms(question))
        ceiling = sum(self.idf(term) for term in terms) * (K1 + 1)
        known = sorted(terms & self.frequency.keys())
        if not known:
            return {}
        match = " OR ".join(f'"{term}"' for term in known)  # terms hold letters and digits only, so this is no syntax
        where, values = "", [match]
        if documents is not None:
            where = f" AND p.document IN ({','.join('?' * len(documents))})"
            values += sorted(documents)
        rows = self._database.execute(
            "SELECT w.rowid, -bm25(words) FROM words w JOIN passages p ON p.id = w.rowid"
            f" WHERE words MATCH ?{where} ORDER BY bm25(words), w.rowid LIMIT ?",
            (*values, k),
        ).fetchall()
        return {row: score / ceiling for row, score in rows}
