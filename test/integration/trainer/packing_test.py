"""Packed passes against one sequence at a time in transformers; accumulation against a single pass."""

import unittest
from pathlib import Path

import numpy as np
import torch
from support import (
    CODE, COT, LLAMA, LLAMA3, MISTRAL, OPTIMIZER, OPTIONS, QWEN, QWEN3,
    architecture, random_weights, reference_logits, rollouts, scratch, training_set, write_checkpoint,
)  # fmt: skip

from whencode_trainer import batches, checkpoint, decoder, forward
from whencode_trainer.job import read_options
from whencode_trainer.learner import Learner
from whencode_trainer.optim import Optimizer
from whencode_trainer.start import read_start
from whencode_trainer.transformers_model import TransformersModel

CPU = torch.device("cpu")


def options(**changes):
    given = {name: value for name, value in (OPTIONS | changes).items() if value is not None}
    return read_options(given | {"optimizer": OPTIMIZER})


def gradient(data, **changes):
    """Gradient of the loss over the whole set as one update, by weight name, and the update's metrics."""
    chosen = options(**changes)
    model = decoder.Decoder(architecture(LLAMA), random_weights(LLAMA))
    model.checkpointing = chosen.gradient_checkpointing
    optimizer = Optimizer(model, chosen.optimizer, 1, CPU)
    start = read_start(model, data, chosen, CPU)
    metrics, _ = Learner(model, optimizer, data, chosen, CPU, start).accumulate(list(range(data.query_count)))
    return {name: tensor.grad.clone() for name, tensor in model.named_parameters()}, metrics


def behaviour_like(sequences, seed=1):
    random = np.random.default_rng(seed)
    return [(-4 + random.normal(0, 0.5, len(sequence))).tolist() for sequence in sequences]


class Packing(unittest.TestCase):
    def assert_close(self, one, other, atol=2e-6):
        self.assertEqual(one.keys(), other.keys())
        for name in one:
            torch.testing.assert_close(one[name], other[name], atol=atol, rtol=1e-4, msg=lambda text: f"{name}: {text}")

    def test_packed_log_probs_equal_those_of_transformers_for_both_ways_to_compute_a_model(self):
        prompts, sequences, masks, owners = rollouts()
        data = training_set(prompts, sequences, masks, owners)
        packed = batches.pack(data, batches.Pass(list(range(len(sequences))), list(range(len(prompts)))))
        self.assertLess(len(packed.ids), len(data.ids), "shared prompts are computed once")
        for config in (LLAMA, QWEN, MISTRAL, QWEN3, LLAMA3):
            with scratch() as folder:
                directory = write_checkpoint(Path(folder) / "model", config)
                logits = [torch.log_softmax(one, -1) for one in reference_logits(directory, sequences)]
                prefixes = [prompt + prefix for prompt in prompts for prefix in (COT, CODE)]
                decisions = [torch.log_softmax(one, -1) for one in reference_logits(directory, prefixes)]
                for model in (checkpoint.load_model(directory, architecture(config)), TransformersModel(directory)):
                    hidden = forward.hidden_states(model, packed, CPU)
                    found = forward.solution_log_probs(model, hidden, packed, 1.0).detach()
                    wanted = [logits[s][at - 1, i] for s in range(len(sequences)) for at, i in enumerate(sequences[s]) if masks[s][at]]
                    torch.testing.assert_close(found, torch.stack(wanted), atol=1e-5, rtol=0)
                    found = forward.decision_log_probs(model, hidden, packed).detach()
                    wanted = []
                    for at, path in enumerate(prefixes):
                        start = len(prompts[at // 2])
                        wanted += [decisions[at][place - 1, path[place]] for place in range(start, len(path))]
                    torch.testing.assert_close(found, torch.stack(wanted), atol=1e-5, rtol=0)

    def test_passes_of_any_size_and_checkpointing_accumulate_to_the_gradient_of_one_pass(self):
        prompts, sequences, masks, owners = rollouts()
        targets = [None if query % 3 == 0 else (0.25, 0.75) for query in range(len(prompts))]
        advantages = np.linspace(-1, 1, len(sequences)).tolist()
        data = training_set(prompts, sequences, masks, owners, behaviour_like(sequences), advantages, targets)
        for objective in ("policy-gradient", "cross-entropy"):
            whole, metrics = gradient(data, objective=objective)
            for changes in ({"microBatchTokens": 40}, {"microBatchTokens": 1}, {"gradientCheckpointing": True}):
                parts, in_parts = gradient(data, objective=objective, **changes)
                self.assert_close(whole, parts)
                for name in metrics:
                    self.assertAlmostEqual(metrics[name], in_parts[name], places=4, msg=name)

    def test_buckets_of_like_length_change_nothing(self):
        prompts, sequences, masks, owners = rollouts()
        data = training_set(prompts, sequences, masks, owners)
        whole, _ = gradient(data, objective="cross-entropy")
        before, batches.MAX_PADDING_TOKENS = batches.MAX_PADDING_TOKENS, 0
        try:
            packed = batches.pack(data, batches.Pass(list(range(len(sequences)))))
            self.assertGreater(len(packed.buckets), 1)
            self.assert_close(whole, gradient(data, objective="cross-entropy")[0])
        finally:
            batches.MAX_PADDING_TOKENS = before

    def test_masked_tokens_teach_nothing(self):
        prompts, sequences, masks, owners = rollouts()
        behaviour, advantages = behaviour_like(sequences), np.linspace(-1, 1, len(sequences)).tolist()
        plain, _ = gradient(training_set(prompts, sequences, masks, owners, behaviour, advantages))
        other = [[value if mask else -9.0 for value, mask in zip(*pair)] for pair in zip(behaviour, masks)]
        self.assert_close(plain, gradient(training_set(prompts, sequences, masks, owners, other, advantages))[0], 0)
        # No token follows a last token without loss, so its value changes nothing.
        masks = [mask[:-1] + [0] for mask in masks]
        changed = [sequence[:-1] + [(sequence[-1] + 1) % 60] for sequence in sequences]
        one = gradient(training_set(prompts, sequences, masks, owners, behaviour, advantages))[0]
        two = gradient(training_set(prompts, changed, masks, owners, behaviour, advantages))[0]
        self.assert_close(one, two)
        # The test can fail: an unmasked token does matter.
        masks[0][-1] = 1
        three = gradient(training_set(prompts, changed, masks, owners, behaviour, advantages))[0]
        self.assertGreater(max((two[name] - three[name]).abs().max().item() for name in two), 1e-4)

    def test_without_decision_targets_the_forced_prefix_gets_no_gradient_of_its_own(self):
        prompts, sequences, masks, owners = rollouts(queries=2, samples=1)
        data = training_set(prompts, sequences, masks, owners, behaviour_like(sequences), targets=[None, None])
        one, metrics = gradient(data, decisionWeight=2.0)
        two, _ = gradient(data, decisionWeight=0.0)
        self.assert_close(one, two, 0)
        self.assertNotIn("decision_loss", metrics)


class Planning(unittest.TestCase):
    def test_an_epoch_takes_every_query_once_and_depends_on_the_seed_only(self):
        data = training_set(*rollouts(queries=11))
        plan = batches.plan_updates(data, options(epochs=2))
        self.assertEqual([len(update) for update in plan], [4, 4, 3, 4, 4, 3])
        for epoch in (plan[:3], plan[3:]):
            self.assertEqual(sorted(sum(epoch, [])), list(range(11)))
        self.assertNotEqual(plan[:3], plan[3:])
        self.assertEqual(plan, batches.plan_updates(data, options(epochs=2)))
        self.assertNotEqual(plan, batches.plan_updates(data, options(epochs=2, seed=1)))

    def test_updates_by_tokens_stay_within_the_limit_and_keep_a_query_together(self):
        data = training_set(*rollouts(queries=30))
        lengths = np.bincount(data.queries, np.diff(data.offsets))
        plan = batches.plan_updates(data, options(batchSize=None, batchTokens=200))
        self.assertEqual(sorted(sum(plan, [])), list(range(30)))
        self.assertLessEqual(max(sum(lengths[query] for query in update) for update in plan), 200)
