"""Many people at once: a real server is asked as the page asks it, and what they wait for is counted; speed.py has one alone."""

import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

APP = Path(__file__).parent.parent / "app.py"
TURNS = 8  # questions of a conversation; then a person opens a new tab
START_SECONDS = 120.0
ANSWER_SECONDS = 60.0  # after which an answer counts as an error
SAMPLE_SECONDS = 1.0
FIFTHS = 5
ANSWERED = 'class=\\"sources'  # in the page's JSON: an answer, and a refusal too, comes with numbered sources; a problem has none


class NotStarted(Exception):
    """A server that did not start; the message is what it said."""


@dataclass
class Load:
    """What was seen: the seconds from each question to its answer, what went wrong, the server's memory in MB, and the
    seconds of processor time that it used: on a machine that is busy with other things, these tell more than the waiting.
    """

    people: int
    seconds: float
    waited: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The figures; `memory` is after each fifth of the time, so that it can be seen to level off (empty: not known here)."""
        ends = [max(len(self.memory) * n // FIFTHS - 1, 0) for n in range(1, FIFTHS + 1)] if self.memory else []
        return {
            "people": self.people,
            "seconds": round(self.seconds, 1),
            "answers": len(self.waited),
            "errors": len(self.errors),
            "first_errors": self.errors[:3],
            "answers_per_second": round(len(self.waited) / self.seconds, 2),
            **{f"p{p}": round(float(np.percentile(self.waited, p)), 3) if self.waited else None for p in (50, 95, 99)},
            "most": round(max(self.waited), 3) if self.waited else None,
            "memory": [self.memory[at] for at in ends],
            "cpu_per_answer": round((self.cpu[-1] - self.cpu[0]) / len(self.waited), 3)
            if self.cpu and self.waited
            else None,
            "load_average": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        }


def describe(figures: dict[str, Any]) -> str:
    """The figures for a person."""
    lines = [
        f"{figures['people']} people for {figures['seconds']:.0f} s: {figures['answers']} answers"
        f" ({figures['answers_per_second']} a second), {figures['errors']} errors",
    ]
    if figures["answers"]:
        lines.append(
            f"seconds to an answer: median {figures['p50']}, 95th percentile {figures['p95']},"
            f" 99th {figures['p99']}, most {figures['most']}"
        )
    if figures["memory"]:
        memory = ", ".join(f"{megabytes:.0f}" for megabytes in figures["memory"])
        lines.append(f"memory of the server after each fifth of the time: {memory} MB")
    if figures["cpu_per_answer"] is not None:
        lines.append(f"processor time of the server: {figures['cpu_per_answer']} s an answer")
    lines.append(f"load average of the machine at the end: {figures['load_average']} on {os.cpu_count()} cores")
    return "\n".join([*lines, *(f"  {error}" for error in figures["first_errors"])])


def measure(index: Path, questions: Sequence[str], people: int, seconds: float, pause: float) -> Load:
    """Serve `index` and let `people` ask `questions` for `seconds`, each `pause` seconds after its last answer.

    Raises `NotStarted`.
    """
    load = Load(people, seconds)
    with _served(index) as (address, process):
        asyncio.run(_ask_all(address, process.pid, questions, load, pause))
        if process.poll() is not None:
            load.errors.append(f"the server ended with exit code {process.returncode}")
    return load


@contextmanager
def _served(index: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        str(APP),
        "--index",
        str(index.absolute()),
        "--port",
        str(port),
        "--rate",
        "0",
        "--read-only",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            if str(port) not in process.stdout.readline():
                raise NotStarted(process.stderr.read().strip())
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


async def _ask_all(address: str, pid: int, questions: Sequence[str], load: Load, pause: float) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=ANSWER_SECONDS, limits=limits, trust_env=False) as client:
        events = _find_events((await client.get("/config")).json())
        end = time.monotonic() + load.seconds
        sampling = asyncio.create_task(_sample(pid, load))
        await asyncio.gather(
            *(
                _Person(client, events, load, random.Random(n)).ask_until(end, questions, pause)
                for n in range(load.people)
            )
        )
        sampling.cancel()


@dataclass(frozen=True)
class _Events:
    """The numbers of the page's events: its opening, a question that is sent, and what its page looks for afterwards."""

    load: int
    submit: int
    nearby: int


def _find_events(config: dict[str, Any]) -> _Events:
    found = {name: d["id"] for d in config["dependencies"] for _, name in d["targets"]}
    (nearby,) = (d["id"] for d in config["dependencies"] if d["trigger_after"] == found["submit"])
    return _Events(found["load"], found["submit"], nearby)


async def _sample(pid: int, load: Load) -> None:
    folder = Path(f"/proc/{pid}")
    while folder.exists():
        found = [line.split()[1] for line in (folder / "status").read_text().splitlines() if line.startswith("VmRSS")]
        load.memory += [int(kilobytes) / 1000 for kilobytes in found]
        user, system = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
        load.cpu.append((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"))
        await asyncio.sleep(SAMPLE_SECONDS)


class _Person:
    """One who opens the page, asks TURNS questions, one after the other, and opens it anew."""

    def __init__(self, client: httpx.AsyncClient, events: _Events, load: Load, chance: random.Random) -> None:
        self._client, self._events, self._load, self._chance = client, events, load, chance

    async def ask_until(self, end: float, questions: Sequence[str], pause: float) -> None:
        while time.monotonic() < end:
            tab = _Tab(self._client)
            staying = asyncio.create_task(tab.stay())
            afterwards: set[asyncio.Task[None]] = set()
            await self._attempt(tab.event(self._events.load, [None]))
            for turns in range(1, TURNS + 1):
                if time.monotonic() >= end:
                    break
                await self._attempt(self._ask(tab, self._chance.choice(questions), turns))
                afterwards.add(asyncio.create_task(self._attempt(tab.event(self._events.nearby, [None]))))
                await asyncio.sleep(pause)
            await asyncio.gather(*afterwards)
            staying.cancel()

    async def _attempt(self, what: Coroutine[Any, Any, Any]) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await what
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            self._load.errors.append(f"{type(error).__name__}: {error}")

    async def _ask(self, tab: "_Tab", question: str, turns: int) -> None:
        """Ask, and count the seconds; raises `ValueError` when not all `turns` of the tab are answered then."""
        began = time.monotonic()
        shown = await tab.event(self._events.submit, [question, None, []])
        if shown.count(ANSWERED) < turns:
            raise ValueError(f"no answer to {question!r}: {shown[:200]}")
        self._load.waited.append(time.monotonic() - began)


class _Tab:
    """A tab of the page: it sends events, and reads what comes of them from one stream, open while it waits for any."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self._session = client, secrets.token_hex(6)
        self._ends: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._listening: asyncio.Task[None] | None = None

    async def stay(self) -> None:
        """The stream that the page keeps open as long as the tab is; when it ends, the server forgets the conversation."""
        async with self._client.stream("GET", f"/gradio_api/heartbeat/{self._session}", timeout=None) as stream:
            async for _ in stream.aiter_lines():
                pass

    async def event(self, number: int, data: list[Any]) -> str:
        """What comes of an event, as JSON; raises `ValueError` or `httpx.HTTPError` when it fails."""
        asked = {"data": data, "fn_index": number, "session_hash": self._session, "event_data": None}
        joined = await self._client.post("/gradio_api/queue/join", json=asked)
        if joined.status_code != 200:
            raise ValueError(f"status {joined.status_code}: {joined.text[:100]}")
        end = self._end_of(joined.json()["event_id"])
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        said = await end
        if not said.get("success"):
            raise ValueError(f"it failed: {json.dumps(said)[:200]}")
        return json.dumps(said.get("output"))

    def _end_of(self, event: str) -> "asyncio.Future[dict[str, Any]]":
        return self._ends.setdefault(event, asyncio.get_running_loop().create_future())

    async def _listen(self) -> None:
        try:
            while not all(end.done() for end in self._ends.values()):
                data = self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session})
                async with data as stream:
                    async for line in stream.aiter_lines():
                        said = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                        if said.get("msg") == "process_completed":
                            self._end_of(said["event_id"]).set_result(said)
        except httpx.HTTPError as error:
            for end in self._ends.values():
                if not end.done():
                    end.set_exception(error)
