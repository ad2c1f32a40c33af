"""Names and passwords of those who may use the chat: a file with a line each, "name:scrypt$N$r$p$salt$hash"."""

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

import anyio
from starlette.concurrency import run_in_threadpool

from answer.receipt import save
from chat import words
from chat.limits import Limits

N, R, P = 2**14, 8, 5  # what OWASP's cheat sheet on storing passwords asks for where 16 MiB may be used
MEMORY = 64 * 2**20  # that scrypt may use, of a file that was made with other numbers
SALT = 16  # bytes
LONGEST = 1000  # characters of a password
TRIES = 10  # wrong passwords of one client a minute
WRONG_SECONDS = 1.0  # that the answer to a wrong password is held back


class BadLogins(ValueError):
    """A file of logins that cannot be used; the message names it and the line."""


def hashed(password: str, salt: bytes, n: int = N, r: int = R, p: int = P) -> str:
    """A password as it stands in the file."""
    key = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=MEMORY)
    return f"scrypt${n}${r}${p}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def matches(password: str, stored: str) -> bool:
    """Whether `stored` was made of `password`; raises `ValueError` for what `hashed` cannot have made."""
    kind, n, r, p, salt, _ = stored.split("$")
    if kind != "scrypt":
        raise ValueError(kind)
    again = hashed(password, base64.b64decode(salt, validate=True), int(n), int(r), int(p))
    return hmac.compare_digest(again.encode(), stored.encode())


def read(path: Path) -> dict[str, str]:
    """The hash of each name's password in the file; empty lines and those that begin with "#" do not count.

    Raises `BadLogins` when it cannot be read, or holds no login or a line that is none.
    """
    found = _lines(path)
    if not found:
        raise BadLogins(words.LOGINS_EMPTY.format(path=path))
    return found


def _lines(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadLogins(words.LOGINS_UNREADABLE.format(path=path, reason=reason)) from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, stored = line.strip().partition(":")
        try:
            matches("", stored)
        except (ValueError, binascii.Error, MemoryError) as error:
            raise BadLogins(words.LOGIN_BAD_LINE.format(path=path, number=number)) from error
        found[name] = stored
    return found


def add(path: Path, name: str, password: str) -> None:
    """Write `name` with `password` to the file, in place of an older one; raises `BadLogins`, `OSError`."""
    if not name or name != name.strip() or ":" in name or not name.isprintable() or name.startswith("#"):
        raise BadLogins(words.LOGIN_BAD_NAME.format(name=name))
    if not 8 <= len(password) <= LONGEST:
        raise BadLogins(words.LOGIN_BAD_PASSWORD.format(longest=LONGEST))
    known = _lines(path) if path.exists() else {}
    known[name] = hashed(password, secrets.token_bytes(SALT))
    save(path, "".join(f"{who}:{stored}\n" for who, stored in known.items()), mode=0o600)


class Logins:
    """Says whether a request comes from somebody in the file; a password that was right once is not hashed again."""

    def __init__(self, stored: dict[str, str]) -> None:
        """Admit those in `stored`, which `read` gave."""
        self._stored = stored
        self._nobody = hashed("", secrets.token_bytes(SALT))  # hashed for unknown names: they are as slow as known ones
        self._key = secrets.token_bytes(32)
        self._right: set[bytes] = set()
        self._limits = Limits(TRIES, waiting=20)

    async def admits(self, authorization: str, client: str) -> bool:
        """Whether the header names a login (HTTP Basic, RFC 7617); raises `TooMuch` where `client` has tried too often."""
        mark = hmac.digest(self._key, authorization.encode(), "sha256")
        if mark in self._right:
            return True
        kind, _, encoded = authorization.partition(" ")
        if kind.lower() != "basic":
            return False
        with self._limits.admitted(client):
            if await run_in_threadpool(self._is_right, encoded):
                self._right.add(mark)
                return True
            await anyio.sleep(WRONG_SECONDS)
        return False

    def _is_right(self, encoded: str) -> bool:
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return matches(password[:LONGEST], self._stored.get(name, self._nobody)) and name in self._stored
