"""Whole runs in this process: the probe's verdicts, refusals, what is written and what is not."""

import json
import math
import unittest
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from safetensors.numpy import load_file
from support import LLAMA, Recorder, behaviour_log_probs, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

from whencode_trainer.job import read_job
from whencode_trainer.probe_run import run_probe
from whencode_trainer.progress import Failure, Refusal


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model")
        cls.rollouts = rollouts(queries=48, samples=4)
        _, sequences, masks, _ = cls.rollouts
        cls.tokens = sum(map(sum, masks))
        cls.advantages = np.linspace(-1, 1, len(sequences)).tolist()
        cls.behaviour = behaviour_log_probs(cls.model, sequences, masks)
        cls.data = write_set(cls.root / "set", training_set(*cls.rollouts, cls.behaviour, cls.advantages))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def refusal(self, name, data=None, model=None, options=(), optimizer=()):
        output = self.root / name
        with self.assertRaises(Refusal) as caught:
            run_job(model or self.model, data or self.data, output, options, optimizer)
        self.assertFalse(output.exists())
        self.assertEqual(list(self.root.glob(".*partial*")), [])
        return caught.exception

    def test_learning_rate_zero_leaves_every_bit_and_a_ratio_of_one(self):
        events = run_job(self.model, self.data, self.root / "still", optimizer={"learningRate": 0.0})
        (figures,) = events.of("probe")
        self.assertGreaterEqual(figures["tokens"], 1000)
        self.assertEqual(figures["tokens"], self.tokens)
        self.assertLess(figures["meanAbsDeviation"], 1e-5)
        for update in events.of("update"):
            self.assertAlmostEqual(update["metrics"]["ratio_mean"], 1, places=5)
            self.assertEqual(update["metrics"]["clip_frac"], 0)
        before = load_file(self.model / "model.safetensors")
        after = load_file(self.root / "still" / "model.safetensors")
        self.assertEqual(before.keys(), after.keys())
        for name in before:
            self.assertEqual(before[name].tobytes(), after[name].tobytes(), name)
        self.assertTrue((self.root / "still" / "tokenizer.json").exists())

    def test_a_set_sampled_at_another_temperature_is_refused_and_the_temperature_named(self):
        _, sequences, masks, _ = self.rollouts
        behaviour = behaviour_log_probs(self.model, sequences, masks, temperature=0.7)
        data = write_set(self.root / "cool", training_set(*self.rollouts, behaviour, self.advantages))
        refusal = self.refusal("wrong-temperature", data)
        self.assertEqual(refusal.details["bestTemperature"], 0.7)
        self.assertIn("another temperature", str(refusal))
        run_job(self.model, data, self.root / "right-temperature", {"temperature": 0.7})

    def test_other_weights_than_those_that_sampled_are_refused(self):
        other = write_checkpoint(self.root / "other", seed=1)
        refusal = self.refusal("wrong-weights", model=other)
        self.assertGreater(refusal.details["meanAbsDeviation"], 0.1)
        self.assertIn("other weights", str(refusal))

    def test_training_raises_what_was_right(self):
        events = run_job(self.model, self.data, self.root / "learnt", {"epochs": 8, "batchSize": 48, "decisionWeight": 0})
        updates = events.of("update")
        self.assertEqual([update["update"] for update in updates], list(range(1, 9)))
        self.assertLess(updates[-1]["metrics"]["policy_loss"], updates[0]["metrics"]["policy_loss"] - 0.02)
        self.assertTrue(math.isclose(updates[0]["metrics"]["ratio_mean"], 1, abs_tol=1e-5))
        self.assertEqual(events.of("done")[0]["updates"], 8)

    def test_training_moves_the_decision_to_its_target(self):
        options = {"objective": "cross-entropy", "epochs": 40, "batchSize": 48, "decisionWeight": 5}
        updates = run_job(self.model, self.data, self.root / "decided", options, {"learningRate": 1e-2}).of("update")
        self.assertLess(updates[-1]["metrics"]["decision_loss"], updates[0]["metrics"]["decision_loss"] - 2)
        self.assertAlmostEqual(updates[-1]["metrics"]["code_prob"], 0.75, delta=0.1)

    def test_bf16_reports_its_rounding_apart_from_the_weights(self):
        events = run_job(self.model, self.data, self.root / "bf16", {"precision": "bf16", "ratioTolerance": 0.5})
        (figures,) = events.of("probe")
        self.assertLess(figures["fp32MeanAbsDeviation"], 1e-5)
        self.assertGreater(figures["meanAbsDeviation"], figures["fp32MeanAbsDeviation"])
        strict = run_job(self.model, self.data, self.root / "bf16-strict", {"precision": "bf16", "ratioTolerance": 1e-4})
        self.assertIn("bf16 rounding", strict.of("probe")[0]["warning"])

    def test_a_loss_that_is_not_finite_fails_and_writes_nothing(self):
        with self.assertRaises(Failure) as caught:
            run_job(self.model, self.data, self.root / "burst", {"epochs": 20}, {"learningRate": 1e30})
        self.assertIn("nothing was written", str(caught.exception))
        self.assertFalse((self.root / "burst").exists())

    def test_a_torn_set_is_refused(self):
        torn = self.root / "torn"
        torn.write_bytes(self.data.read_bytes()[:-100])
        self.assertIn("cut short", str(self.refusal("from-torn", torn)))

    def test_a_wrong_set_is_refused_with_what_is_wrong(self):
        def wrong(name, **changes):
            return str(self.refusal(f"from-{name}", write_set(self.root / name, replace(good, **changes))))

        good = training_set(*self.rollouts, self.behaviour, self.advantages)
        self.assertIn("not finite", wrong("nan", advantages=np.full_like(good.advantages, np.nan)))
        self.assertIn("lossMask has", wrong("mask", loss_mask=good.loss_mask[:-1]))
        self.assertIn("must rise", wrong("offsets", offsets=good.offsets[::-1].copy()))
        self.assertIn("sum to 1", wrong("targets", targets=good.targets * 2))
        self.assertIn("another model", wrong("ids", ids=good.ids + 100))
        self.assertIn("above 0", wrong("positive", behaviour_log_probs=-good.behaviour_log_probs))

    def test_nothing_to_learn_is_refused_not_done(self):
        empty = training_set([[1, 2]], [], [], [], targets=[None])
        self.assertIn("nothing to learn", str(self.refusal("from-empty", write_set(self.root / "empty", empty))))

    def test_a_sequence_beyond_the_models_context_is_refused(self):
        short = write_checkpoint(self.root / "short", LLAMA | {"max_position_embeddings": 16})
        self.assertIn("context", str(self.refusal("from-short", model=short)))

    def test_a_probe_refuses_the_processes_that_a_training_can_not_have(self):
        training = self.root / "one-process.job.json"
        run_job(self.model, self.data, self.root / "one-process", {"epochs": 1})
        entry = json.loads(training.read_text()) | {"kind": "probe"}
        del entry["outputDirectory"]

        def refusal(gpus, **changes):
            job = entry | changes | {"options": entry["options"] | {"gpus": gpus}}
            file = self.root / "probe.job.json"
            file.write_text(json.dumps({name: value for name, value in job.items() if value is not None}))
            with patch("torch.cuda.device_count", return_value=0), self.assertRaises(Refusal) as caught:
                run_probe(read_job(file), Recorder())
            return str(caught.exception)

        self.assertIn("wants 2 of gpus, PyTorch finds 0", refusal(2, device="auto"))
        self.assertIn("one process only", refusal(2, architecture=None))
        self.assertIn("the job wants a GPU, PyTorch finds none", refusal(1, device="cuda"))

    def test_a_job_that_can_not_be_right_is_refused(self):
        self.assertIn("allowed are", str(self.refusal("objective", options={"objective": "margin"})))
        self.assertIn("exactly one", str(self.refusal("both", options={"batchTokens": 10})))
        self.assertIn("unknown fields", str(self.refusal("unknown", options={"learningrate": 1})))
        self.assertIn("muonLearningRate", str(self.refusal("muon", optimizer={"name": "muon"})))
        self.assertIn("ratioTolerance", str(self.refusal("no-probe", options={"ratioTolerance": None})))
