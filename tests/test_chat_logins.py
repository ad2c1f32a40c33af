"""Logins: the file of names and passwords, how it is written, and who is let in by it."""

import asyncio
import base64
import hashlib
from pathlib import Path

import pytest

import chat.logins
from chat.limits import TooMuch
from chat.logins import TRIES, BadLogins, Logins, add, read


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add(tmp_path / "logins", "ann", "päss:word 1")
    add(tmp_path / "logins", "bob", "another one")
    return tmp_path / "logins"


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat.logins, "WRONG_SECONDS", 0.0)


def test_the_file_holds_no_password_and_only_its_owner_reads_it(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    assert [line.split(":")[0] for line in lines] == ["ann", "bob"]
    assert "päss" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    kind, n, r, p, salt, key = lines[0].partition(":")[2].split("$")
    assert (kind, n, r, p) == ("scrypt", "16384", "8", "5")
    again = hashlib.scrypt("päss:word 1".encode(), salt=base64.b64decode(salt), n=16384, r=8, p=5, maxmem=2**26)
    assert base64.b64encode(again).decode() == key


def test_a_name_that_is_there_gets_the_new_password(file: Path) -> None:
    before = read(file)
    add(file, "ann", "the new one")
    assert read(file).keys() == before.keys()
    assert read(file)["bob"] == before["bob"]
    assert asyncio.run(Logins(read(file)).admits(basic("ann", "the new one"), "x"))
    assert not asyncio.run(Logins(read(file)).admits(basic("ann", "päss:word 1"), "x"))


@pytest.mark.parametrize(
    ("header", "let_in"),
    [
        (basic("ann", "päss:word 1"), True),
        (basic("bob", "another one"), True),
        (basic("bob", "another one").replace("Basic", "basic"), True),
        (basic("ann", "another one"), False),
        (basic("ann", ""), False),
        (basic("eve", ""), False),
        (basic("", ""), False),
        ("", False),
        ("Basic", False),
        ("Basic %%%", False),
        ("Basic /w==", False),
        ("Bearer " + basic("ann", "päss:word 1").split()[1], False),
    ],
)
def test_who_is_let_in(file: Path, header: str, let_in: bool) -> None:
    logins = Logins(read(file))
    assert [asyncio.run(logins.admits(header, "x")) for _ in range(2)] == [let_in, let_in]


def test_who_guesses_must_wait_while_others_come_in(file: Path) -> None:
    logins = Logins(read(file))
    assert asyncio.run(logins.admits(basic("ann", "päss:word 1"), "guesser"))
    for _ in range(TRIES - 1):
        assert not asyncio.run(logins.admits(basic("ann", "wrong"), "guesser"))
    with pytest.raises(TooMuch):
        asyncio.run(logins.admits(basic("bob", "another one"), "guesser"))
    assert asyncio.run(logins.admits(basic("ann", "päss:word 1"), "guesser"))  # who was in stays in
    assert asyncio.run(logins.admits(basic("bob", "another one"), "other"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "There is no login in"),
        (b"# only a comment\n\n", "There is no login in"),
        (b"\xff", "it is not UTF-8"),
        (b"ann:secret\n", "line 1: not name:scrypt$N$r$p$salt$hash"),
        (b"\nann:scrypt$16384$8$5$%%$AA==\n", "line 2: not name"),
        (b"ann:scrypt$0$8$5$AA==$AA==\n", "line 1: not name"),
        (b"ann:scrypt$1073741824$8$5$AA==$AA==\n", "line 1: not name"),
        (b"ann:md5$1$1$1$AA==$AA==\n", "line 1: not name"),
    ],
)
def test_what_is_no_file_of_logins_is_named(tmp_path: Path, text: bytes | None, message: str) -> None:
    if text is not None:
        (tmp_path / "logins").write_bytes(text)
    with pytest.raises(BadLogins) as caught:
        read(tmp_path / "logins")
    assert message in str(caught.value)
    assert "--add-login NAME" in str(caught.value)


@pytest.mark.parametrize("name", ["", " ann", "a:b", "#ann", "a\nb"])
def test_what_cannot_be_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadLogins, match="cannot be a name"):
        add(tmp_path / "logins", name, "long enough")
    assert not (tmp_path / "logins").exists()


@pytest.mark.parametrize("password", ["", "seven 7", "x" * 1001])
def test_what_cannot_be_a_password(tmp_path: Path, password: str) -> None:
    with pytest.raises(BadLogins, match="8 to 1000 characters"):
        add(tmp_path / "logins", "ann", password)
