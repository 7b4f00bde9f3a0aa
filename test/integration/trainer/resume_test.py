"""A run that was cut off goes on from its own checkpoint to the bits of one that was not."""

import threading
import unittest
from pathlib import Path
from unittest.mock import Mock, patch

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from support import LLAMA, Cutting, CutOff, Recorder, architecture, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

from whencode_trainer import resume
from whencode_trainer.balance import Balance
from whencode_trainer.checkpoint import load_model
from whencode_trainer.group import Group
from whencode_trainer.job import Optimizer as OptimizerOptions
from whencode_trainer.names import snake_case
from whencode_trainer.optim import Optimizer
from whencode_trainer.progress import Failure
from whencode_trainer.tensor_file import write_tensors

OPTIONS = {"objective": "cross-entropy", "ratioTolerance": None, "batchSize": 4, "epochs": 3}
OPTIMIZER = {
    "name": "muon", "learningRate": 1e-3, "muonLearningRate": 6e-3, "weightDecay": 0.01, "schedule": "cosine",
    "warmupSteps": 2,
}  # fmt: skip
UPDATES = 6 * 3


class TickingRecorder(Recorder):
    """Advances the clock with every update, and cuts the run off after one of them."""

    def __init__(self, clock, after):
        super().__init__()
        self.clock, self.after = clock, after
        self.reached = [threading.Event() for _ in range(UPDATES + 1)]

    def emit(self, kind, **fields):
        super().emit(kind, **fields)
        if kind == "update":
            self.clock.monotonic.return_value = fields["update"]
            self.reached[fields["update"]].set()
            if fields["update"] == self.after:
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
            run_job(self.model, self.data, self.root / f"{name}-cut", OPTIONS, OPTIMIZER, job, Cutting(after))
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

    def timed(self, name, write, after=None):
        """A run whose clock advances by a second an update, with a state every 5 s and `write` for `write_tensors`."""
        states, clock = self.root / name, Mock(monotonic=Mock(return_value=0))
        states.mkdir()
        recorder = TickingRecorder(clock, after)
        job = {"save": {"directory": str(states), "everySeconds": 5}}
        with patch.object(resume, "time", clock), patch.object(resume, "write_tensors", lambda *given: write(recorder, *given)):
            try:
                run_job(self.model, self.data, self.root / f"{name}-run", OPTIONS, OPTIMIZER, job, recorder)
            except CutOff:
                pass
        return states, recorder

    def test_a_cut_loses_no_more_than_the_interval(self):
        for after in range(6, UPDATES):
            with self.subTest(after=after):
                states, _ = self.timed(f"every-{after}", lambda _, *given: write_tensors(*given), after)
                for thread in threading.enumerate():
                    if thread.name == "saver":
                        thread.join()
                (state,) = states.iterdir()
                self.assertLess(after - int(state.stem.removeprefix("state-")), 5)
                if after % 4 == 0:
                    events, weights = self.go_on(f"every-{after}-resumed", state)
                    self.assertEqual(len(events.of("resumed")), 1)
                    self.assertEqual(weights, self.whole)

    def test_updates_go_on_while_a_state_is_written_and_it_is_that_of_its_update(self):
        seen = []

        def write(recorder, *given):
            seen.append(len(recorder.of("update")))
            if len(seen) == 1:
                recorder.reached[9].wait(60)
            write_tensors(*given)
            seen.append(len(recorder.of("update")))

        states, _ = self.timed("slow", write)
        # The first state, of update 6, is written while updates 7 to 9 are made.
        self.assertEqual(seen[0], 5)
        self.assertGreaterEqual(seen[1], 9)
        self.assertEqual(len(seen), 6)
        self.assertEqual((self.root / "slow-run" / "model.safetensors").read_bytes(), self.whole)
        (state,) = states.iterdir()
        self.assertEqual(state.name, "state-000000016.safetensors")
        self.assertEqual(self.go_on("slow-resumed", state)[1], self.whole)

    def test_a_state_that_is_cut_off_while_it_is_written_has_no_name(self):
        def tear(recorder, partial, *_):
            partial.write_bytes(b"half")
            threading.Event().wait()

        states, recorder = self.timed("torn-save", tear, after=8)
        self.assertEqual([file.name for file in states.iterdir()], ["state-000000006.partial"])

    def test_a_disk_that_takes_no_state_fails_the_training(self):
        def fail(recorder, *_):
            raise OSError("no space left on device")

        with self.assertRaisesRegex(OSError, "no space left"):
            self.timed("full-disk", fail)
        self.assertFalse((self.root / "full-disk-run").exists())

    def test_a_state_without_a_series_ends_with_the_same_bits_and_no_series(self):
        state = self.cut_off("old", after=5) / "state-000000005.safetensors"
        rewrite(state, lambda _, metadata: metadata.pop("series"))
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
            run_job(self.model, self.data, self.root / "other-cut", options, OPTIMIZER, job, Cutting(5))
        events, weights = self.go_on("not-taken", states / "state-000000005.safetensors")
        self.assertEqual(events.of("resumed"), [])
        self.assertEqual(weights, self.whole)

    def test_a_state_whose_parameters_lie_in_another_order_or_in_none_known_is_not_taken(self):
        state = self.cut_off("layouts", after=5) / "state-000000005.safetensors"
        saved = state.read_bytes()
        for name, change in (
            ("of-another-order", lambda _, metadata: metadata.update(layout="0" * 64)),
            ("of-an-earlier-version", lambda _, metadata: metadata.pop("layout")),
            ("without-random", lambda tensors, _: tensors.pop("random")),
        ):
            state.write_bytes(saved)
            rewrite(state, change)
            events, weights = self.go_on(name, state)
            self.assertEqual(events.of("resumed"), [], name)
            self.assertEqual(weights, self.whole, name)

    def test_reading_that_breaks_off_fails_and_publishes_nothing(self):
        state = self.cut_off("breaking", after=5) / "state-000000005.safetensors"
        read, calls = resume._read_piece, []

        def break_off(*piece):
            calls.append(piece)
            if len(calls) == 2:
                raise OSError("input/output error")
            read(*piece)

        with patch.object(resume, "_read_piece", break_off), self.assertRaises(Failure) as caught:
            self.go_on("broken", state)
        self.assertIn("broke off: input/output error", str(caught.exception))
        self.assertFalse((self.root / "broken").exists())

    def test_a_state_that_another_process_can_not_read_is_left_by_all(self):
        class OthersCanNot(Group):
            def add(self, number):
                return number + 1

        state = self.cut_off("shared", after=5) / "state-000000005.safetensors"
        options = OptimizerOptions(weight_decay=0.01, max_grad_norm=1.0, schedule="cosine", **{
            snake_case(name): OPTIMIZER[name] for name in ("name", "learningRate", "muonLearningRate", "warmupSteps")
        })  # fmt: skip
        optimizer = Optimizer(load_model(self.model, architecture(LLAMA)), options, UPDATES, torch.device("cpu"))
        before = {name: tensor.clone() for name, tensor in optimizer.state().items()}
        balance = Balance(0, optimizer)
        self.assertEqual(resume.resume(state, optimizer, UPDATES, balance, OthersCanNot(size=2)), (0, []))
        for name, tensor in optimizer.state().items():
            self.assertTrue(torch.equal(tensor, before[name]), name)
        self.assertEqual(resume.resume(state, optimizer, UPDATES, balance)[0], 5)


def rewrite(state, change):
    with safe_open(state, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    change(tensors, metadata)
    save_file(tensors, state, metadata=metadata)


if __name__ == "__main__":
    unittest.main()
