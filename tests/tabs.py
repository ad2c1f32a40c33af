"""A tab of the page without a browser: speaks Gradio's protocol, so that a test can send what no page would, and be quick."""

import html
import json
import re
import secrets
from pathlib import Path
from typing import Any

import httpx

FILE = {"meta": {"_type": "gradio.FileData"}}  # by which Gradio knows a file among what is sent


class Tab:
    """One conversation with the chat at `address`."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=300, trust_env=False)
        self._session = secrets.token_hex(6)
        self._events: dict[str, dict[str, Any]] = {}
        for event in self.client.get("/config").json()["dependencies"]:
            for _, name in event["targets"]:
                self._events[name] = event

    def send(self, name: str, *values: object, **said: object) -> dict[str, Any]:
        """What comes of the event `name`: its inputs are `values` (None for those that are missing), its data `said`."""
        event = self._events[name]
        inputs = [*values, *[None] * (len(event["inputs"]) - len(values))]
        asked = {"data": inputs, "event_data": said or None, "fn_index": event["id"], "session_hash": self._session}
        self.client.post("/gradio_api/queue/join", json=asked).raise_for_status()
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    return dict(message)
        raise AssertionError(f"no end of {name}")

    def ask(self, question: str) -> str:
        """The conversation, as HTML, after a question; raises where none was answered."""
        done = self.send("submit", question, None, [])
        assert done["success"], done
        return json.dumps(done["output"])

    def rate(self, turn: int, verdict: str, comment: str = "") -> bool:
        """Whether the page is told that the rating of `turn` (from 1) is kept."""
        done = self.send("send", turn=turn, verdict=verdict, reason="", comment=comment)
        return "data-rated" in json.dumps(done["output"])

    def receipt(self, turn: int) -> str:
        """The receipt of `turn` (from 1), as its button saves it."""
        found = re.search(
            r'data-file="[^"]*"[^>]*>(.*)</div>$', self.send("receipt", turn=turn)["output"]["data"][0], re.DOTALL
        )
        assert found
        return html.unescape(found[1])

    def upload(self, name: str, content: bytes) -> httpx.Response:
        """Gradio's answer to an upload of a file called `name`; the report is not added by that."""
        return self.client.post("/gradio_api/upload", files={"files": (name, content)})

    def add(self, path: object, **more: object) -> dict[str, Any]:
        """What comes of adding the file that Gradio is said to have put at `path`."""
        return self.send("upload", {"path": path, **FILE, **more}, None, [])

    def upload_and_add(self, file: Path) -> dict[str, Any]:
        """As the page does it."""
        return self.add(self.upload(file.name, file.read_bytes()).json()[0])
