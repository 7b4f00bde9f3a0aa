"""Several processes for one training. Rank 0 is the launcher's; it starts the others and ends with any of them.

All are in the launcher's process group, and each holds the lifeline of the one that started it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .progress import EXIT_FAILED

# Time in which rank 0 ends with a verdict of its own after another rank has failed.
_GRACE_SECONDS = 20
# Time in which the end of a process becomes known after its connections have broken.
_NEWS_SECONDS = 5


@dataclass(frozen=True)
class Seat:
    """The place of this process. `rendezvous`: a file through which the processes find each other."""

    rank: int = 0
    size: int = 1
    rendezvous: str | None = None


class Ranks:
    """Ranks 1 and above, seen from rank 0."""

    def __init__(self, job_file, size, events):
        self.events, self.ends, self.news = events, {}, threading.Event()
        # Readable for the owner alone, like everything in it.
        self.folder = tempfile.mkdtemp(prefix="ranks-", dir=Path(job_file).resolve().parent)
        self.rendezvous = str(Path(self.folder) / "rendezvous")
        self.seat = Seat(0, size, self.rendezvous)
        for rank in range(1, size):
            command = [sys.executable, "-E", "-s", "-m", "whencode_trainer", str(job_file), str(rank), self.rendezvous]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_package_folder())
            threading.Thread(target=self._watch, args=(rank, child), daemon=True, name=f"rank-{rank}").start()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def end_like_others(self, error):
        """Called with an error of rank 0: where a broken connection is all it says, ends as the lost rank did."""
        if _is_of_connection(error) and self.news.wait(_NEWS_SECONDS):
            # The one that ended first: the others may have lost their connection to it.
            self._end(next(iter(self.ends)), 0)

    def _watch(self, rank, child):
        lines = child.stdout.read().decode(errors="replace").splitlines()
        code = child.wait()
        if code == 0:
            return
        self.ends[rank] = (code, lines)
        self.news.set()
        self._end(rank, _GRACE_SECONDS)

    def _end(self, rank, grace_seconds):
        code, lines = self.ends[rank]
        self.close()
        if code < 0:
            # The launcher sees the signal, and decides what it means, as if there were one process.
            print(f"rank {rank} was ended by signal {-code}", file=sys.stderr, flush=True)
            os.kill(os.getpid(), -code)
        time.sleep(grace_seconds)
        self.events.emit("failed", reason=f"rank {rank}: {_reason(lines, code)}")
        os._exit(EXIT_FAILED)


def _reason(lines, code):
    try:
        return json.loads(lines[-1])["reason"]
    except (IndexError, KeyError, TypeError, ValueError):
        return f"it ended with exit code {code} and without a verdict"


def _is_of_connection(error):
    return type(error).__name__ in ("DistBackendError", "DistNetworkError") or "gloo" in str(error)


def _package_folder():
    return Path(__file__).resolve().parents[1]
