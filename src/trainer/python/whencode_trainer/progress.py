"""Events to the parent on the real stdout, the parent's lifeline on stdin, and the two kinds of failure."""

import json
import os
import stat
import sys
import threading

EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE, EXIT_REFUSED, EXIT_PARENT_GONE = 0, 1, 2, 3, 4


class Refusal(Exception):
    """The job is invalid; nothing was written. `details` are the figures behind the reason."""

    def __init__(self, reason, **details):
        super().__init__(reason)
        self.details = details


class Failure(Exception):
    """The job failed on the way (e.g. a loss that is not finite); nothing was published."""


class Events:
    """Writes JSON lines to the original stdout; all other output goes to stderr. `only`: the kinds to write."""

    def __init__(self, only=None):
        self._only = only
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)

    def emit(self, kind, **fields):
        if self._only is not None and kind not in self._only:
            return
        self._stream.write(json.dumps({"kind": kind, **fields}, allow_nan=False) + "\n")
        self._stream.flush()


def hold_lifeline():
    """Exits as soon as the parent is gone. Only a pipe or socket counts: a terminal or /dev/null is no parent."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def wait():
        while os.read(0, 4096):
            pass
        print("stdin closed: the parent is gone", file=sys.stderr, flush=True)
        os._exit(EXIT_PARENT_GONE)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()
