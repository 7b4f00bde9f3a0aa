"""Passes whose length the training chooses from the memory that is free."""

import unittest
from pathlib import Path
from unittest.mock import patch

from support import LLAMA, Cutting, CutOff, Recorder, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

from whencode_trainer import pass_tokens
from whencode_trainer.progress import Refusal

OPTIONS = {"objective": "cross-entropy", "ratioTolerance": None, "epochs": 2, "microBatchTokens": "auto"}
LENGTHS = [{"tokens": tokens, "gpuBytes": 1.0, "hostBytes": 1e6 * tokens} for tokens in (30, 60, 120)]


class PassTokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model", LLAMA)
        cls.data = write_set(cls.root / "set", training_set(*rollouts(queries=8)))
        cls.fixed = cls.run_with("fixed", 0, {"microBatchTokens": 60})

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_with(cls, name, free, options=(), job=(), recorder=None):
        with patch.object(pass_tokens, "free_bytes", return_value=int(free)):
            return run_job(cls.model, cls.data, cls.root / name, OPTIONS | dict(options), (), {"passMemory": LENGTHS} | dict(job), recorder)

    def weights(self, name):
        return (self.root / name / "model.safetensors").read_bytes()

    def test_the_memory_of_a_container_is_what_its_control_group_allows(self):
        for name, (limit, used) in enumerate(pass_tokens._CONTAINER):
            group = self.root / f"group-{name}"
            for file, text in ((limit, "9000000\n"), (used, "2000000\n")):
                (group / file).parent.mkdir(parents=True, exist_ok=True)
                (group / file).write_text(text)
            self.assertEqual(list(pass_tokens.container_memory(group)), [(9000000, 2000000)])
        (self.root / "group-0" / "memory.max").write_text("max\n")
        self.assertEqual(list(pass_tokens.container_memory(self.root / "group-0")), [])
        self.assertEqual(list(pass_tokens.container_memory(self.root / "none")), [])

    def test_the_longest_that_fits_is_taken_and_said_and_makes_the_bits_of_a_set_one(self):
        found = self.run_with("chosen", 119e6)
        self.assertEqual(found.of("started")[0]["microBatchTokens"], 60)
        self.assertEqual(found.of("done"), self.fixed.of("done"))
        self.assertEqual(self.weights("chosen"), self.weights("fixed"))
        longest = self.run_with("longest", 1e12)
        self.assertEqual(longest.of("started")[0]["microBatchTokens"], 120)
        # Sums in another order: it matters to the bits which one is taken.
        self.assertNotEqual(self.weights("longest"), self.weights("fixed"))

    def test_a_resumed_run_takes_the_same_whatever_is_free_by_then(self):
        states = self.root / "states"
        states.mkdir()
        with self.assertRaises(CutOff):
            self.run_with("cut", 60e6, job={"save": {"directory": str(states), "everySeconds": 0}}, recorder=Cutting(1))
        (state,) = states.iterdir()
        for free in (0, 1e12):
            resumed = self.run_with(f"resumed-{free}", free, job={"resumeFrom": str(state)})
            self.assertEqual(resumed.of("started")[0]["microBatchTokens"], 60)
            self.assertEqual(self.weights(f"resumed-{free}"), self.weights("fixed"))

    def test_it_is_refused_where_the_shortest_does_not_fit(self):
        with self.assertRaises(Refusal) as caught:
            self.run_with("refused", 29e6, recorder=Recorder())
        self.assertIn("a pass of 30 tokens needs 0.0 GB of memory", str(caught.exception))

    def test_it_reads_what_this_machine_has_free(self):
        import torch

        self.assertGreater(pass_tokens.free_bytes(torch.device("cpu")), 1e8)


if __name__ == "__main__":
    unittest.main()
