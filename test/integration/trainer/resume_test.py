"""A run that was cut off goes on from its own checkpoint to the bits of one that was not."""

import unittest
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from support import Recorder, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

OPTIONS = {"objective": "cross-entropy", "ratioTolerance": None, "batchSize": 4, "epochs": 3}
OPTIMIZER = {
    "name": "muon", "learningRate": 1e-3, "muonLearningRate": 6e-3, "weightDecay": 0.01, "schedule": "cosine",
    "warmupSteps": 2,
}  # fmt: skip
UPDATES = 6 * 3


class CutOff(Exception):
    pass


class CuttingRecorder(Recorder):
    """Cuts the run off in an update's event: as a kill would, between two updates."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def emit(self, kind, **fields):
        super().emit(kind, **fields)
        if kind == "update" and fields["update"] == self.after:
            raise CutOff


class Resumes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model")
        cls.data = write_set(cls.root / "set", training_set(*rollouts(queries=24)))
        cls.series = run_job(cls.model, cls.data, cls.root / "whole", OPTIONS, OPTIMIZER).of("done")[0]["series"]
        cls.whole = (cls.root / "whole" / "model.safetensors").read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def cut_off(self, name, after, resume_from=None):
        """Returns the folder of its states."""
        states = self.root / name
        states.mkdir()
        job = {"save": {"directory": str(states), "everySeconds": 0}, "resumeFrom": resume_from and str(resume_from)}
        with self.assertRaises(CutOff):
            run_job(self.model, self.data, self.root / f"{name}-cut", OPTIONS, OPTIMIZER, job, CuttingRecorder(after))
        return states

    def go_on(self, name, state):
        output = self.root / name
        events = run_job(self.model, self.data, output, OPTIONS, OPTIMIZER, {"resumeFrom": str(state)})
        return events, (output / "model.safetensors").read_bytes()

    def test_cut_off_twice_it_ends_with_the_same_bits(self):
        first = self.cut_off("first", after=5)
        self.assertEqual([file.name for file in first.iterdir()], ["state-000000005.safetensors"])
        second = self.cut_off("second", after=11, resume_from=first / "state-000000005.safetensors")
        events, weights = self.go_on("resumed", second / "state-000000011.safetensors")
        self.assertEqual(events.of("resumed"), [{"kind": "resumed", "update": 11, "of": UPDATES}])
        self.assertEqual([update["update"] for update in events.of("update")], list(range(12, UPDATES + 1)))
        self.assertEqual(events.of("done")[0]["updates"], UPDATES)
        self.assertEqual(weights, self.whole)
        self.assertEqual([item["update"] for item in self.series], list(range(1, UPDATES + 1)))
        self.assertEqual([item["epoch"] for item in self.series], [1] * 6 + [2] * 6 + [3] * 6)
        self.assertEqual(events.of("done")[0]["series"], self.series)
        self.assertEqual(events.of("done")[0]["metrics"], self.series[-1]["metrics"])

    def test_a_state_without_a_series_ends_with_the_same_bits_and_no_series(self):
        state = self.cut_off("old", after=5) / "state-000000005.safetensors"
        with safe_open(state, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        del metadata["series"]
        save_file(tensors, state, metadata=metadata)
        events, weights = self.go_on("old-resumed", state)
        self.assertEqual(weights, self.whole)
        self.assertNotIn("series", events.of("done")[0])

    def test_a_torn_state_is_a_state_lost(self):
        state = self.cut_off("torn", after=5) / "state-000000005.safetensors"
        state.write_bytes(state.read_bytes()[:-10])
        events, weights = self.go_on("restarted", state)
        self.assertEqual(events.of("resumed"), [])
        self.assertEqual(weights, self.whole)

    def test_a_state_of_another_job_is_not_taken(self):
        states = self.root / "other"
        states.mkdir()
        job = {"save": {"directory": str(states), "everySeconds": 0}}
        with self.assertRaises(CutOff):
            options = OPTIONS | {"epochs": 2}
            run_job(self.model, self.data, self.root / "other-cut", options, OPTIMIZER, job, CuttingRecorder(5))
        events, weights = self.go_on("not-taken", states / "state-000000005.safetensors")
        self.assertEqual(events.of("resumed"), [])
        self.assertEqual(weights, self.whole)


if __name__ == "__main__":
    unittest.main()
