"""The report: tables that fit a terminal, and nothing of a document or a question that becomes markup."""

import json
from pathlib import Path

import pytest

from eval.evaluation import Evaluation
from eval.judge import judge
from eval.metrics import Estimate
from eval.predictions import Found, Prediction, Quote
from eval.questions import Question
from eval.report import Report
from eval.tables import cell, one_line, table
from ingest.document import Document

TEXT = "There are 27 members.\n\n# Not a heading ![](http://x.test/i.png) <script>alert(1)</script>"
DOCUMENTS = {"r.txt": Document("r.txt", "f" * 64, "R", None, TEXT, (), ())}
ASKED = "# ![](http://x.test/q.png)\n```\n<script>\x1b[2J" + " long" * 50
QUESTIONS = [
    Question("q1", "How many?", type="fact", evidence=("27 members",), answer=(("27",),)),
    Question("q2", ASKED, type="absent", history=("<b>",)),
]


def quoting(id_: str, start: int, end: int, confidence: float) -> Prediction:
    quote = Quote("r.txt", "f" * 64, None, start, end, TEXT[start:end])
    return Prediction(id_, True, quote.quote, confidence, (quote,), (Found("r.txt", start, end, quote.quote),), 0.1)


PREDICTIONS = [quoting("q1", 0, 21, 0.9), quoting("q2", 23, len(TEXT), 0.8)]
JUDGED = [judge(question, given, DOCUMENTS) for question, given in zip(QUESTIONS, PREDICTIONS, strict=True)]
SYSTEMS = ("assistant", "no reader", "first sentence", "always refuse")
EVALUATION = Evaluation(
    documents=DOCUMENTS,
    index_fingerprint="abc",
    judged=dict.fromkeys(SYSTEMS, JUDGED),
    rankings={"assistant": [[True]], "BM25 alone": [[False, True]]},
    rows=[{"id": "q1"}, {"id": "q2"}],
)
REPORT = Report("set.jsonl", EVALUATION)


def test_a_table_is_aligned_and_ruled() -> None:
    assert table(["", "n", "share"], [["one", "5", "0.50"], ["fourteen", "14", "–"]]).split("\n") == [
        "           n  share",
        "───────────────────",
        "one        5   0.50",
        "fourteen  14      –",
    ]


@pytest.mark.parametrize(
    ("key", "estimate", "shown"),
    [
        ("right_answers", Estimate(0.8, 10, 0.49, 0.943), "0.80 (0.49–0.94)"),
        ("calibration_error", Estimate(0.456, 3), "0.46"),
        ("exact_quotes", Estimate(9999 / 10000, 10000, 0.99, 1.0), "9999 of 10000"),
        ("seconds_p95", Estimate(0.02134, 3), "0.021"),
        ("words", Estimate(31.0, 3), "31"),
        ("words", Estimate(None, 0), "–"),
    ],
)
def test_figures_as_a_person_reads_them(key: str, estimate: Estimate, shown: str) -> None:
    assert cell(key, estimate) == shown


def test_one_line_is_short_and_harmless() -> None:
    assert one_line("a\n\tb\x1b[2Jc\u202e", 100) == "a b�[2Jc�"
    assert one_line("abcdef", 5) == "abcd…"
    assert one_line("abcde", 5) == "abcde"


def test_every_line_fits_100_columns() -> None:
    assert max(map(len, REPORT.text().split("\n"))) <= 100


def test_wrong_answers_stand_under_the_step_that_failed() -> None:
    lines = REPORT.text().split("\n")
    at = lines.index("should refuse: 1 (answered though the reports do not say)")
    assert lines[at + 1].startswith("  q2 # ![](http://x.test/q.png) ``` <script>�[2J long")
    assert not any(line.startswith(("retrieval:", "refusal:", "selection:")) for line in lines)


def test_types_are_counted_apart() -> None:
    rows = [line.split() for line in REPORT.tables["By type of question"].split("\n")]
    assert ["fact", "1", "1.00", "(0.21–1.00)", "1.00"] in rows
    assert ["absent", "1", "0.00", "(0.00–0.79)", "1"] in rows


def test_only_systems_that_were_timed_have_seconds() -> None:
    row = next(line for line in REPORT.text().split("\n") if line.startswith("seconds, median"))
    assert row.split()[2:] == ["0.100", "0.100", "–", "–"]


def test_in_markdown_all_foreign_text_is_indented_code() -> None:
    foreign = ("<script>", "![](", "```", "<b>", "# Not a heading")
    lines = [line for line in REPORT.markdown().split("\n") if any(text in line for text in foreign)]
    assert len(lines) >= 3
    assert all(line.startswith("    ") for line in lines)


def test_figures_are_plain_json(tmp_path: Path) -> None:
    REPORT.write(tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["predictions.jsonl", "report.json", "report.md"]
    figures = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert figures["documents"] == {"r.txt": "f" * 64}
    assert figures["index"] == "abc"
    assert figures["answers"]["assistant"]["coverage_at_risk"] == {"value": 0.5, "n": 2, "low": None, "high": None}
    assert figures["retrieval"]["BM25 alone"]["mrr_10"]["value"] == 0.5
    assert figures["wrong"] == [{"id": "q2", "fault": "should refuse"}]
    assert (tmp_path / "out" / "predictions.jsonl").read_text("utf-8") == '{"id": "q1"}\n{"id": "q2"}\n'
