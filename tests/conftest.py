"""Fixtures that several test files share: the real report, an index built from it once, and a tiny encoder."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from index.build import update
from index.embed import Progress, SentenceEncoder, Vectors
from ingest.corpus import file_hash, read_document
from ingest.document import Document

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "corpus" / "isecg-annual-report-2024.txt"


class HashEncoder:
    """A deterministic encoder without a model: each word adds to one of 64 dimensions, chosen by its hash."""

    name = "hash"
    fingerprint = "hash-64"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, hashlib.sha256(word.encode()).digest()[0] % 64] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture
def hash_encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture(scope="session")
def report() -> Document:
    """The 2024 Annual Report as the program reads it."""
    return read_document(REPORT, file_hash(REPORT))


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The carried model, loaded once."""
    return SentenceEncoder()


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Path:
    """An index of corpus/, built once; tests read it and do not change it."""
    folder = tmp_path_factory.mktemp("index")
    update(folder, [ROOT / "corpus"], encoder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    from browsing import ARGUMENTS, CHROMIUM

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What one person has open: tabs that share a clipboard and nothing with other tests."""
    from browsing import PATIENCE

    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()
