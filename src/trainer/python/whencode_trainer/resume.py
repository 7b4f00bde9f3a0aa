"""The run's saved states. A resumed run of as many processes gives the same bits as an uninterrupted one.

A state is one file whatever the number of processes: each writes and reads its own pieces.
"""

import json
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .group import Group
from .progress import Failure
from .tensor_file import whole, write_tensors


class Saver:
    """Saves the state after an update when it is due; only the newest is kept.

    A thread writes a copy of the state, in host memory, while the next updates are made. An update waits where the state
    before is not on disk yet when the next is due, and with an interval of 0 always. A state has its name once it is whole.
    """

    def __init__(self, wanted, optimizer, updates, resumed_from, balance, pass_tokens, group=Group()):
        self.wanted, self.optimizer, self.updates, self.balance, self.group = wanted, optimizer, updates, balance, group
        self.pass_tokens = pass_tokens
        self.saved_at, self.last = time.monotonic(), resumed_from
        self.writers = None if wanted is None else group.beside()
        self.copies, self.thread, self.fault = {}, None, None

    def offer(self, done, series):
        """Called after update number `done`, counted from 1, with the metrics of all updates so far.

        The state after the last update is published, not saved. Raises what kept an earlier state from being written.
        """
        if self.wanted is None or done >= self.updates:
            return
        if not self.group.of_first(int(time.monotonic() - self.saved_at >= self.wanted.every_seconds)):
            return
        self.finish()
        self.saved_at = time.monotonic()
        metadata = {"done": str(done), "updates": str(self.updates), "series": json.dumps(series)}
        metadata |= {"averages": json.dumps(self.balance.averages), "layout": self.optimizer.layout}
        metadata["passTokens"] = str(self.pass_tokens)
        entries = self._copied(self.optimizer.entries() | {"random": whole(torch.get_rng_state())})
        path = self.wanted.directory / f"state-{done:09}.safetensors"
        # A daemon: what ends the process ends it too.
        self.thread = threading.Thread(target=self._write, args=(path, entries, metadata), daemon=True, name="saver")
        self.thread.start()
        if self.wanted.every_seconds == 0:
            self.finish()

    def finish(self):
        """Waits for the state that is being written."""
        if self.thread is not None:
            self.thread.join()
            self.thread = None
        if self.fault is not None:
            raise self.fault

    def _copied(self, entries):
        """The entries with copies of their pieces, which take the same memory in every save."""
        found = {}
        for name, entry in entries.items():
            pieces = []
            for at, (place, piece) in enumerate(entry.pieces):
                if (name, at) not in self.copies:
                    self.copies[name, at] = torch.empty(piece.shape, dtype=piece.dtype, pin_memory=piece.is_cuda)
                pieces.append((place, self.copies[name, at].copy_(piece)))
            found[name] = replace(entry, pieces=pieces)
        return found

    def _write(self, path, entries, metadata):
        try:
            partial = path.with_suffix(".partial")
            write_tensors(partial, entries, metadata, self.writers)
            if self.group.rank == 0:
                partial.rename(path)
                if self.last is not None and self.last.parent == path.parent:
                    self.last.unlink(missing_ok=True)
            self.last = path
        except Exception as error:
            self.fault = error


def read_pass_tokens(path):
    """The tokens of a pass of the run that saved the state; None where it does not say so, or can't be read."""
    try:
        with safe_open(Path(path), framework="pt") as file:
            return int(file.metadata()["passTokens"])
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None


def resume(path, optimizer, updates, balance, group=Group()):
    """Restores the optimizer with its weights, and the averages of the balance, from a saved state.

    Returns the number of finished updates, 0 for a fresh run, and the metrics of each.

    A state that one of the processes can't read, or that belongs to another job, is ignored by all: the run starts
    from the beginning. Raises Failure where reading breaks off later, when weights are a mixture.
    """
    if path is None:
        return 0, []
    file, metadata, fault = _open(path, optimizer, updates)
    if group.add(float(fault is not None)) > 0:
        reason = fault or "can't be used by another process"
        print(f"the saved state {path} {reason}, so the run starts from the beginning", file=sys.stderr)
        return 0, []
    try:
        for name, entry in optimizer.entries().items():
            for place, piece in entry.pieces:
                _read_piece(file, name, place, piece)
        torch.set_rng_state(file.get_tensor("random"))
    except (SafetensorError, OSError) as error:
        reason = f"reading the saved state {path} broke off: {error}; nothing was written"
        raise Failure(f"{reason}; train again, and delete the state if it never can be read") from error
    done, series, averages = metadata
    optimizer.restored(done)
    balance.averages |= averages
    return done, series


def _open(path, optimizer, updates):
    """The file, its number of updates, series and averages, and what keeps this process from using it."""
    try:
        file = safe_open(Path(path), framework="pt")
        metadata = file.metadata() or {}
        own = {name: list(entry.shape) for name, entry in optimizer.entries().items()}
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}
        is_own = found.pop("random", None) is not None and own == found
        # A state of an earlier version has no layout; its parameters may lie in another order.
        if not is_own or metadata.get("updates") != str(updates) or metadata.get("layout") != optimizer.layout:
            return None, None, "is of another job or version"
        series, averages = json.loads(metadata.get("series", "[]")), json.loads(metadata.get("averages", "{}"))
        return file, (int(metadata["done"]), series, averages), None
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        return None, None, f"can't be read: {error}"


def _read_piece(file, name, place, piece):
    if len(file.get_slice(name).get_shape()) == 1:
        piece.copy_(file.get_slice(name)[place : place + len(piece)])
    else:
        piece.copy_(file.get_tensor(name))
