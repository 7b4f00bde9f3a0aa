"""The run's saved states. A resumed run gives the same bits as an uninterrupted one."""

import json
import os
import sys
import time
from pathlib import Path

import torch


class Saver:
    """Saves the state after an update when it is due, atomically; only the newest is kept."""

    def __init__(self, wanted, optimizer, updates, resumed_from, balance):
        self.wanted, self.optimizer, self.updates, self.balance = wanted, optimizer, updates, balance
        self.saved_at, self.last = time.monotonic(), resumed_from

    def offer(self, done, series):
        """Called after update number `done`, counted from 1, with the metrics of all updates so far.

        The state after the last update is published, not saved.
        """
        if self.wanted is None or done >= self.updates:
            return
        if time.monotonic() - self.saved_at < self.wanted.every_seconds:
            return
        from safetensors.torch import save_file

        path = self.wanted.directory / f"state-{done:09}.safetensors"
        partial = path.with_suffix(".partial")
        tensors = {name: tensor.detach().to("cpu").contiguous() for name, tensor in self.optimizer.state().items()}
        tensors["random"] = torch.get_rng_state()
        metadata = {"done": str(done), "updates": str(self.updates), "series": json.dumps(series)}
        metadata["averages"] = json.dumps(self.balance.averages)
        save_file(tensors, partial, metadata=metadata)
        with open(partial, "rb") as handle:
            os.fsync(handle.fileno())
        partial.rename(path)
        if self.last is not None and self.last.parent == path.parent:
            self.last.unlink(missing_ok=True)
        self.last, self.saved_at = path, time.monotonic()


def resume(path, optimizer, updates, balance):
    """Restores the optimizer with its weights, and the averages of the balance, from a saved state.

    Returns the number of finished updates, 0 for a fresh run, and the metrics of each.

    A state that can't be read, or belongs to another job, is ignored: the run starts from the beginning.
    """
    if path is None:
        return 0, []
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(Path(path), framework="pt") as file:
            metadata = file.metadata() or {}
            saved = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        print(f"the saved state {path} can't be read, so the run starts from the beginning: {error}", file=sys.stderr)
        return 0, []
    own = {name: tensor.shape for name, tensor in optimizer.state().items()}
    found = {name: tensor.shape for name, tensor in saved.items() if name != "random"}
    if own != found or metadata.get("updates") != str(updates):
        print(f"the saved state {path} is of another job, so the run starts from the beginning", file=sys.stderr)
        return 0, []
    torch.set_rng_state(saved["random"])
    optimizer.restore(saved, int(metadata["done"]))
    balance.averages |= json.loads(metadata.get("averages", "{}"))
    return int(metadata["done"]), json.loads(metadata.get("series", "[]"))
