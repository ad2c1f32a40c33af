"""The one-way rule, read out of the source: ingest <- index <- answer <- {chat <- app.py, eval <- train}."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

BELOW: dict[str, set[str]] = {
    "ingest": set(),
    "index": {"ingest"},
    "answer": {"ingest", "index"},
    "chat": {"ingest", "index", "answer"},
    "eval": {"ingest", "index", "answer"},
    "train": {"ingest", "index", "answer", "eval"},  # scores its models as eval does
    "app": {"ingest", "index", "answer", "chat"},
}
FILES = sorted([*(file for name in BELOW for file in (ROOT / name).rglob("*.py")), ROOT / "app.py"])


def imports(file: Path) -> list[tuple[int, str]]:
    """Every module that `file` imports, wherever in it, with its line.

    "from a import b" gives "a.b" where that is a file of this project, else "a".
    """
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            folder = ROOT / base.replace(".", "/")
            for alias in node.names:
                is_module = (folder / f"{alias.name}.py").is_file()
                found.append((node.lineno, f"{base}.{alias.name}" if is_module else base))
    return found


def package(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def ours(file: Path) -> list[tuple[int, str]]:
    return [(line, name) for line, name in imports(file) if name.split(".")[0] in BELOW]


def is_entry_point(name: str) -> bool:
    return name == "app" or name.startswith("app.") or name.endswith(".__main__")


def ids(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    names = {ids(file) for file in FILES}
    assert {"app.py", "ingest/corpus.py", "index/search.py", "answer/pipeline.py", "eval/__main__.py"} <= names
    assert {name for _, name in ours(ROOT / "index" / "build.py")} >= {"index.store", "ingest.corpus"}


def test_the_rule_is_read_from_every_form_of_import(tmp_path: Path) -> None:
    source = "import a.b, c\nfrom d import e as f\nfrom . import g\nfrom ..h import i\ndef j():\n    import k\n"
    source += "from chat import words\nfrom chat import nothing\nfrom index.store import write\n"
    (tmp_path / "x.py").write_text(source)
    assert sorted(name for _, name in imports(tmp_path / "x.py")) == sorted(
        ["a.b", "c", "d", ".", "..h", "k", "chat.words", "chat", "index.store"]
    )


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_imports_run_one_way(file: Path) -> None:
    allowed = BELOW[package(file)] | {package(file)}
    if file.name == "__main__.py":
        allowed = set(BELOW)  # an entry point may import anything
    assert [(line, name) for line, name in ours(file) if name.split(".")[0] not in allowed] == []


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
