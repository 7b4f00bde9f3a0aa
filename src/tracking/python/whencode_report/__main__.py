"""python -m whencode_report < BATCH.json: writes one batch of records to one tracker, and ends with 0 when it is there."""

from __future__ import annotations

import json
import sys

from .writers import WRITERS


def main() -> int:
    batch = json.load(sys.stdin)
    # Libraries print what they like; only errors matter to the caller.
    sys.stdout = sys.stderr
    run = batch["run"]
    writer = WRITERS[run["tracker"]](run)
    writer.write(batch["records"])
    writer.close(batch["ended"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
