"""The one-way rule, read out of the source: ingest <- index <- answer <- {app.py, chat, eval, train}."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

LAYERS = {"ingest": 0, "index": 1, "answer": 2, "chat": 3, "eval": 3, "train": 3, "app": 4}
MAY_ALSO = {("app", "chat")}
FILES = sorted([*(file for name in LAYERS for file in (ROOT / name).rglob("*.py")), ROOT / "app.py"])


def imports(file: Path) -> list[tuple[int, str]]:
    """Every module that `file` imports, wherever in it, with its line: "from a import b" gives "a" and "a.b"."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [(node.lineno, base), *((node.lineno, f"{base}.{alias.name}") for alias in node.names)]
    return found


def package(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def ours(file: Path) -> list[tuple[int, str]]:
    return [(line, name) for line, name in imports(file) if name.split(".")[0] in LAYERS]


def is_entry_point(name: str) -> bool:
    return name.split(".")[0] == "app" or name.endswith(".__main__")


def ids(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    names = {ids(file) for file in FILES}
    assert {"app.py", "ingest/corpus.py", "index/search.py", "answer/pipeline.py", "eval/__main__.py"} <= names
    assert (1, "os") in imports(ROOT / "tests" / "test_imports.py") or len(imports(Path(__file__))) >= 4


def test_the_rule_is_read_from_every_form_of_import(tmp_path: Path) -> None:
    source = "import a.b, c\nfrom d import e as f\nfrom . import g\nfrom ..h import i\ndef j():\n    import k\n"
    (tmp_path / "x.py").write_text(source)
    assert sorted(name for _, name in imports(tmp_path / "x.py")) == sorted(
        ["a.b", "c", "d", "d.e", ".", "..g", "..h", "..h.i", "k"]
    )


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_imports_run_one_way(file: Path) -> None:
    here = package(file)
    wrong = [
        (line, name)
        for line, name in ours(file)
        if (there := name.split(".")[0]) != here and LAYERS[there] >= LAYERS[here] and (here, there) not in MAY_ALSO
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_nothing_imports_an_entry_point(file: Path) -> None:
    assert [(line, name) for line, name in ours(file) if is_entry_point(name)] == []


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_no_file_imports_its_own_package_s_root_or_relatively(file: Path) -> None:
    assert [(line, name) for line, name in imports(file) if name == package(file) or name.startswith(".")] == []


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_every_file_says_its_job_in_its_first_line(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith('"""')
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_nothing_is_pickled(file: Path) -> None:
    assert not {name.split(".")[0] for _, name in imports(file)} & {
        "pickle",
        "cPickle",
        "dill",
        "joblib",
        "shelve",
        "marshal",
    }
