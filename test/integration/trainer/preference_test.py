"""Preference of one rollout to another against the formula, token by token over unpacked sequences of transformers."""

import math
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from support import LLAMA, OPTIMIZER, OPTIONS, architecture, random_weights, rollouts, run_job, scratch, training_set, write_checkpoint, write_set
from torch.nn.functional import logsigmoid

from whencode_trainer import decoder
from whencode_trainer.job import read_options
from whencode_trainer.learner import Learner
from whencode_trainer.optim import Optimizer
from whencode_trainer.progress import Refusal
from whencode_trainer.start import read_start

CPU, BETA = torch.device("cpu"), 0.3
# Of 4 sequences a query: one in two pairs, a pair across arms, and a query with none.
PAIRS = [(4 * query + right, 4 * query + wrong) for query in range(5) for right, wrong in ((0, 1), (0, 2), (3, 2))]
CHANGES = {"objective": "preference", "preferenceBeta": BETA, "ratioTolerance": None, "decisionWeight": 0}


def options(**changes):
    entry = OPTIONS | CHANGES | changes | {"optimizer": OPTIMIZER}
    return read_options({name: value for name, value in entry.items() if value is not None})


def gradient(data, chosen):
    model = decoder.Decoder(architecture(LLAMA), random_weights(LLAMA))
    optimizer = Optimizer(model, chosen.optimizer, 1, CPU)
    learner = Learner(model, optimizer, data, chosen, CPU, read_start(model, data, chosen, CPU))
    metrics, _ = learner.accumulate(list(range(data.query_count)))
    return {name: tensor.grad.clone() for name, tensor in model.named_parameters()}, metrics


class AgainstTheFormula(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from transformers import AutoModelForCausalLM

        cls.folder = scratch()
        cls.directory = write_checkpoint(Path(cls.folder.name) / "model")
        cls.model = AutoModelForCausalLM.from_pretrained(cls.directory, dtype=torch.float32)
        cls.parts = rollouts(queries=6, samples=4)
        random = np.random.default_rng(3)
        with torch.no_grad():
            own = [cls.log_probs(ids).numpy() for ids in cls.parts[1]]
        cls.reference = [(one + random.normal(0, 0.5, len(one))).clip(max=0).astype(np.float32) for one in own]
        cls.own = own
        cls.data = training_set(*cls.parts, [one.tolist() for one in cls.reference], pairs=PAIRS)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def log_probs(cls, ids, temperature=1.0):
        logits = torch.log_softmax(cls.model(torch.tensor([ids])).logits[0] / temperature, -1)
        return torch.cat([torch.zeros(1), logits[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]])

    def naive(self, reference, temperature=1.0):
        """As TRL: logits = (π right − π wrong) − (π_ref right − π_ref wrong), loss = −logsigmoid(β logits)."""
        self.model.zero_grad()
        terms = []
        for pair in PAIRS:
            policy, start = [], []
            for at in pair:
                mask = torch.tensor(self.parts[2][at])
                policy.append((self.log_probs(self.parts[1][at], temperature) * mask).sum())
                start.append((torch.tensor(reference[at]) * mask).sum())
            terms.append(-logsigmoid(BETA * ((policy[0] - policy[1]) - (start[0] - start[1]))))
        loss = sum(terms) / len(terms)
        loss.backward()
        return {name: tensor.grad.clone() for name, tensor in self.model.named_parameters()}, float(loss)

    def test_the_gradient_is_that_of_the_formula_however_pairs_are_cut_into_passes(self):
        for temperature in (1.0, 0.7):
            wanted, loss = self.naive(self.reference, temperature)
            for limit in (4096, 60, 1):
                with self.subTest(temperature=temperature, limit=limit):
                    found, metrics = gradient(self.data, options(microBatchTokens=limit, temperature=temperature))
                    self.assertAlmostEqual(metrics["loss"], loss, places=4)
                    self.assertAlmostEqual(metrics["preference_loss"], loss, places=4)
                    for weight, tensor in wanted.items():
                        torch.testing.assert_close(found[weight], tensor, atol=2e-5, rtol=1e-3, msg=lambda text: f"{weight}: {text}")

    def test_with_the_trainers_own_reference_the_first_loss_is_log_2_and_the_behaviour_is_not_read(self):
        found, metrics = gradient(self.data, options(ratio={"mode": "decoupled", "objective": "ppo"}))
        self.assertAlmostEqual(metrics["loss"], math.log(2), places=5)
        self.assertEqual(metrics["reward_margin"], 0)
        wanted, _ = self.naive(self.own)
        for weight, tensor in wanted.items():
            torch.testing.assert_close(found[weight], tensor, atol=2e-5, rtol=1e-3)

    def test_a_pair_worked_out_by_hand(self):
        # π is e^0.5 times π_ref in the right sequence's first learnt token, and e^-0.3 times in the wrong one's.
        behaviour = [one.copy() for one in self.own]
        for at, ratio in ((0, 0.5), (1, -0.3)):
            behaviour[at][self.parts[2][at].index(1)] -= ratio
        data = training_set(*self.parts, [one.tolist() for one in behaviour], pairs=[(0, 1)])
        _, metrics = gradient(data, options(preferenceBeta=0.5))
        expected = {"loss": math.log(1 + math.exp(-0.4)), "reward_right": 0.25, "reward_wrong": -0.15, "reward_margin": 0.4}
        for name, value in expected.items():
            self.assertAlmostEqual(metrics[name], value, places=4, msg=name)
        self.assertEqual(metrics["preference_accuracy"], 1)

    def test_tool_output_and_prompt_are_no_part_of_it(self):
        masked = np.flatnonzero(self.data.loss_mask == 0)
        log_probs = self.data.behaviour_log_probs.copy()
        log_probs[masked] = -9
        _, metrics = gradient(self.data, options())
        _, others = gradient(replace(self.data, behaviour_log_probs=log_probs), options())
        self.assertEqual(metrics, others)

    def test_training_widens_the_margin_and_repeats_to_the_bit(self):
        data = write_set(Path(self.folder.name) / "set", training_set(*self.parts, [one.tolist() for one in self.own], pairs=PAIRS))
        runs = [
            run_job(self.directory, data, Path(self.folder.name) / name, CHANGES | {"epochs": 6, "ratioTolerance": 0.02})
            for name in ("one", "again")
        ]
        updates = runs[0].of("update")
        # The probe compares the behaviour log-probs with the model's; a query without a pair is in no update.
        self.assertEqual(len(runs[0].of("probe")), 1)
        self.assertEqual([update["of"] for update in updates], [12] * 12)
        self.assertGreater(updates[-1]["metrics"]["reward_margin"], 0.2)
        self.assertGreater(updates[-1]["metrics"]["preference_accuracy"], updates[0]["metrics"]["preference_accuracy"])
        self.assertEqual(runs[0].of("done"), runs[1].of("done"))

    def test_a_set_without_pairs_has_nothing_to_learn_and_a_pair_of_two_queries_is_refused(self):
        def reason(name, pairs):
            data = write_set(Path(self.folder.name) / name, training_set(*self.parts, pairs=pairs))
            with self.assertRaises(Refusal) as caught:
                run_job(self.directory, data, Path(self.folder.name) / f"of-{name}", CHANGES)
            return str(caught.exception)

        self.assertIn("nothing to learn", reason("no-pairs", []))
        self.assertIn("two sequences of one query", reason("two-queries", [(0, 4)]))
        self.assertIn("two sequences of one query", reason("itself", [(3, 3)]))
        self.assertIn("numbers of the 24 sequences", reason("beyond", [(3, 24)]))


if __name__ == "__main__":
    unittest.main()
