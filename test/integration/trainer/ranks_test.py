"""Rank 0's verdict on the others."""

import json
import unittest
from pathlib import Path
from unittest.mock import patch

from support import Recorder, scratch

from whencode_trainer.ranks import Ranks


class Verdicts(unittest.TestCase):
    def test_the_cause_is_the_rank_that_ended_first_not_the_lowest(self):
        with scratch() as folder:
            events = Recorder()
            ranks = Ranks(Path(folder) / "job.json", 1, events)
            for rank, reason in ((2, "out of memory"), (1, "connection lost")):
                ranks.ends[rank] = (1, [json.dumps({"kind": "failed", "reason": reason})])
            ranks.news.set()
            with patch("os._exit", side_effect=SystemExit), self.assertRaises(SystemExit):
                ranks.end_like_others(RuntimeError("gloo: connection closed by peer"))
        self.assertEqual(events.of("failed")[0]["reason"], "rank 2: out of memory")


if __name__ == "__main__":
    unittest.main()
