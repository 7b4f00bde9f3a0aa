"""Campaigns and rollouts of a running Whencode in Python: plain rows, or pandas tables.

    from whencode_client import connect
    whencode = connect(".whencode")            # the home folder of the stack
    whencode.runs_df()                         # a row a campaign
    whencode.rollouts_df("math", 3, arm="auto", grade="incorrect")

The token is never sent: client and server prove to each other that they know it. Only the standard library is needed,
and pandas for the methods that end with `_df`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    import pandas

Row = dict[str, Any]

_PAGE = 500


class WhencodeError(Exception):
    """What the server said, or why it could not be asked."""


def connect(home: str | Path = ".whencode") -> Client:
    """The client of the stack that runs on a home folder. Raises WhencodeError where none runs."""
    folder = Path(home)
    try:
        url = json.loads((folder / "control.json").read_text())["url"]
        token = (folder / "token").read_text().strip()
    except FileNotFoundError as error:
        raise WhencodeError(f"nothing runs in {folder}; start it with `whencode up`") from error
    return Client(url, token)


class Client:
    """The HTTP API of one stack. `get` reaches every route of `/api/openapi.json` that answers to GET."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def get(self, route: str, **query: Any) -> Any:
        """The JSON answer of a route, e.g. `get("campaigns/math")`. Raises WhencodeError with the server's message."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        address = f"{self._url}/api/{route}" + (f"?{asked}" if asked else "")
        return _read(Request(address, headers={"authorization": self._prove()}))

    def runs(self) -> list[Row]:
        """A row a campaign, newest first: status, iterations, and the figures of its main suite with their intervals."""
        return [_run_row(item) for item in self.get("campaigns")["campaigns"]]

    def evaluations(self, campaign: str | None = None) -> list[Row]:
        """A row an evaluation, newest first, with its figures."""
        found = self.get("evaluations", campaign=campaign)["evaluations"]
        return [_without(item, "metrics") | _figures(item.get("metrics")) for item in found]

    def rollouts(self, campaign: str | None = None, iteration: int | None = None, **filters: str) -> Iterator[Row]:
        """Rollouts of an iteration, or of `evaluation="eval/…"`; filters as in `/api/rollouts`: arm, grade, end, grep …"""
        offset = 0
        while True:
            page = self.get("rollouts", campaign=campaign, iteration=iteration, offset=offset, limit=_PAGE, **filters)
            yield from page["rollouts"]
            offset += len(page["rollouts"])
            if offset >= page["total"] or not page["rollouts"]:
                return

    def curves(self, campaign: str) -> Row:
        """Accuracy of training rollouts by arm, and the metrics of every update."""
        return self.get(f"campaigns/{quote(campaign, safe='')}/curves")

    def runs_df(self) -> pandas.DataFrame:
        return _table(self.runs())

    def evaluations_df(self, campaign: str | None = None) -> pandas.DataFrame:
        return _table(self.evaluations(campaign))

    def rollouts_df(self, campaign: str | None = None, iteration: int | None = None, **filters: str) -> pandas.DataFrame:
        """A row a rollout: problem, gold, the text that the model wrote, verdict, answer."""
        return _table([_rollout_row(item) for item in self.rollouts(campaign, iteration, **filters)])

    def _prove(self) -> str:
        nonce = secrets.token_hex(32)
        met = _read(Request(f"{self._url}/proof/{nonce}"))
        instance = str(met.get("instance", ""))
        if not hmac.compare_digest(str(met.get("proof", "")), self._sign(instance, "server", nonce)):
            raise WhencodeError(f"what listens at {self._url} does not know the token of this home folder")
        return f"Whencode {self._sign(instance, 'client')}"

    def _sign(self, instance: str, *rest: str) -> str:
        parts = ["whencode", urlsplit(self._url).netloc, instance, *rest]
        message = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return hmac.new(self._token.encode(), message.encode(), hashlib.sha256).hexdigest()


def _read(request: Request) -> Any:
    try:
        with urlopen(request) as response:
            return json.load(response)
    except HTTPError as error:
        try:
            message = json.load(error)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            message = f"the server answered {error.code}"
        raise WhencodeError(message) from error
    except OSError as error:
        raise WhencodeError(f"nothing answers at {request.full_url}: {error}") from error


def _without(item: Row, *names: str) -> Row:
    return {name: value for name, value in item.items() if name not in names}


def _run_row(item: Row) -> Row:
    latest = item.get("latest") or {}
    alarms = [alarm["kind"] for alarm in item.get("alarms", [])]
    own = _without(item, "latest", "alarms", "forkedFrom")
    return own | {"suite": latest.get("suite"), "alarms": alarms} | _figures(latest.get("metrics"))


def _figures(metrics: Row | None) -> Row:
    """`accuracy.auto`, `accuracy.auto.low` and so on, of every measure."""
    row: Row = {}
    for name, value in (metrics or {}).items():
        measures = {name: value} if _is_measure(value) else {f"{name}.{key}": inner for key, inner in _items(value)}
        for key, measure in measures.items():
            if _is_measure(measure):
                row |= {key: measure["value"], f"{key}.low": measure["low"], f"{key}.high": measure["high"]}
    return row


def _is_measure(value: Any) -> bool:
    return isinstance(value, dict) and {"value", "low", "high"} <= value.keys()


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _rollout_row(item: Row) -> Row:
    problem = item.get("problem") or {}
    grade = item.get("grade") or {}
    written = "".join(segment["text"] for segment in item["texts"]["segments"])
    return _without(item, "texts", "problem", "grade") | {
        "problem": problem.get("problem"),
        "gold": problem.get("answer"),
        "text": written,
        "verdict": grade.get("verdict"),
        "answer": grade.get("answer"),
    }


def _table(rows: list[Row]) -> pandas.DataFrame:
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise WhencodeError("tables need pandas: `pip install pandas`; runs() and rollouts() give plain rows") from error
    return DataFrame(rows)
