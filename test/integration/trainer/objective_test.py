"""The loss with every option against a naive one, token by token over unpacked sequences of transformers."""

import itertools
import math
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from support import (
    CODE, COT, LLAMA, OPTIMIZER, OPTIONS, architecture, random_weights, rollouts, run_job, scratch, training_set,
    write_checkpoint, write_set,
)  # fmt: skip

from whencode_trainer import batches, decoder, losses
from whencode_trainer.job import read_options
from whencode_trainer.learner import Learner
from whencode_trainer.optim import Optimizer
from whencode_trainer.progress import Refusal
from whencode_trainer.start import decoupled_start, direct_start, read_start

CPU = torch.device("cpu")
DECOUPLED = {"mode": "decoupled", "objective": "ppo"}
CASES = {
    "defaults": {},
    "clip low and high": {"clip": [0.1, 0.4]},
    "clip only": {"ratio": {"mode": "direct", "objective": "clip-only"}},
    "dual clip": {"ratio": {"mode": "direct", "objective": "ppo", "dualClip": 1.5}},
    "anchor": {"klWeight": 0.7},
    "decoupled": {"ratio": DECOUPLED},
    "truncated": {"ratio": DECOUPLED | {"truncate": 1.2}, "klWeight": 0.3},
    "rejected": {"ratio": DECOUPLED | {"reject": {"geometricMean": [0.95, 1.05]}}, "klWeight": 0.3},
    "sequence mean": {"aggregation": "sequence-mean", "klWeight": 0.3},
    "arm balanced": {"aggregation": "arm-balanced", "ratio": DECOUPLED | {"truncate": 1.2, "reject": {"geometricMean": [0.95, 1.05]}}},
    "all": {
        "aggregation": "sequence-mean", "klWeight": 2.0, "clip": [0.1, 0.4],
        "ratio": DECOUPLED | {"truncate": 1.1, "reject": {"geometricMean": [0.93, 1.08]}, "dualClip": 1.4},
    },
    "cross-entropy": {"objective": "cross-entropy", "aggregation": "sequence-mean"},
}  # fmt: skip


def options(**changes):
    return read_options(OPTIONS | changes | {"optimizer": OPTIMIZER})


def learner(data, chosen, start=None):
    model = decoder.Decoder(architecture(LLAMA), random_weights(LLAMA))
    optimizer = Optimizer(model, chosen.optimizer, 1, CPU)
    return Learner(model, optimizer, data, chosen, CPU, start or read_start(model, data, chosen, CPU))


def gradient(data, chosen, start=None):
    one = learner(data, chosen, start)
    metrics, _ = one.accumulate(list(range(data.query_count)))
    return {name: tensor.grad.clone() for name, tensor in one.model.named_parameters()}, metrics


def flat(gradients):
    return torch.cat([gradients[name].reshape(-1) for name in sorted(gradients)])


def cosine(one, other):
    return float(torch.nn.functional.cosine_similarity(flat(one), flat(other), dim=0))


def naive_gain(ratio, advantage, chosen):
    low, high = chosen.clip if isinstance(chosen.clip, list) else (chosen.clip, chosen.clip)
    clipped = torch.clamp(ratio, 1 - low, 1 + high) * advantage
    if chosen.ratio is not None and chosen.ratio.objective == "clip-only":
        return clipped
    gain = min(ratio * advantage, clipped, key=float)
    if advantage < 0 and chosen.ratio is not None and chosen.ratio.dual_clip is not None:
        return max(gain, torch.tensor(chosen.ratio.dual_clip * advantage), key=float)
    return gain


def naive_mean(entries, kind):
    """entries: (value, sequence, arm) of each token."""
    key = {"sequence-mean": 1, "arm-balanced": 2}.get(kind)
    groups = {}
    for entry in entries:
        groups.setdefault(entry[key] if key else 0, []).append(entry[0])
    return sum(sum(values) / len(values) for values in groups.values()) / len(groups)


class AgainstNaive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from transformers import AutoModelForCausalLM

        cls.folder = scratch()
        directory = write_checkpoint(Path(cls.folder.name) / "model")
        cls.model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)
        cls.parts = rollouts(queries=6, samples=4)
        cls.prompts, cls.sequences, cls.masks, cls.owners = cls.parts
        random = np.random.default_rng(5)
        with torch.no_grad():
            own = [cls.log_probs(ids).numpy() for ids in cls.sequences]
        # Near enough that sequences are kept, far enough that tokens are clipped on every side.
        cls.start = [(one + random.normal(0, 0.4, len(one))).clip(max=-1e-3).astype(np.float32) for one in own]
        cls.behaviour = [
            (one + random.normal(0, 0.3, len(one))).clip(max=-1e-3).astype(np.float32) for one in cls.start
        ]
        cls.reference = [
            (one + random.normal(0, 0.4, len(one))).clip(max=-1e-3).astype(np.float32) for one in own
        ]
        cls.advantages = [0.0 if at % 5 == 0 else (-1.5 if at % 2 else 0.8) for at in range(len(cls.sequences))]
        targets = [None if query == 2 else (0.25, 0.75) for query in range(len(cls.prompts))]
        cls.targets = targets
        cls.data = training_set(*cls.parts, [one.tolist() for one in cls.behaviour], cls.advantages, targets)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def log_probs(cls, ids):
        """[T] log π of each token; 0 of the first."""
        logits = torch.log_softmax(cls.model(torch.tensor([ids])).logits[0], -1)
        return torch.cat([torch.zeros(1), logits[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]])

    def naive(self, chosen, reference=None):
        """Gradient by name and the loss, by the formulas of docs/objective.md."""
        self.model.zero_grad()
        gains, divergences = [], []
        decoupled = chosen.ratio is not None and chosen.ratio.mode == "decoupled"
        for at, ids in enumerate(self.sequences):
            found, learnt = self.log_probs(ids), [place for place, mask in enumerate(self.masks[at]) if mask]
            arm, advantage = at % len(self.sequences) % 4 % 2, self.advantages[at]
            if chosen.objective == "cross-entropy":
                gains += [(found[place], at, arm) for place in learnt]
                continue
            start = self.start[at] if decoupled else self.behaviour[at]
            if decoupled and chosen.ratio.reject is not None:
                low, high = chosen.ratio.reject.geometric_mean
                mean = math.exp(sum(float(start[p]) - float(self.behaviour[at][p]) for p in learnt) / len(learnt))
                if not low <= mean <= high:
                    continue
            for place in learnt:
                weight = 1.0
                if decoupled and chosen.ratio.truncate is not None:
                    weight = min(math.exp(float(start[place]) - float(self.behaviour[at][place])), chosen.ratio.truncate)
                ratio = torch.exp(found[place] - float(start[place]))
                # Above e the anchor is the tangent of ρ − 1 − log ρ there, over log ρ.
                held = ratio if reference is None else torch.exp(found[place] - float(reference[at][place]))
                k3 = torch.where(held <= math.e, held - 1 - torch.log(held), math.e - 2 + (math.e - 1) * (torch.log(held) - 1))
                divergences.append((weight * k3, at, arm))
                if advantage != 0:
                    gains.append((weight * naive_gain(ratio, advantage, chosen), at, arm))
        loss = -naive_mean(gains, chosen.aggregation)
        if chosen.kl_weight:
            loss = loss + chosen.kl_weight * naive_mean(divergences, chosen.aggregation)
        decided = [query for query, target in enumerate(self.targets) if target is not None]
        for query in decided:
            for share, prefix in zip(self.targets[query], (COT, CODE), strict=True):
                prefix_log_prob = self.log_probs(self.prompts[query] + prefix)[-len(prefix) :].sum()
                loss = loss - chosen.decision_weight * share * prefix_log_prob / len(decided)
        loss.backward()
        return {name: tensor.grad.clone() for name, tensor in self.model.named_parameters()}, float(loss)

    def own_start(self, chosen):
        if chosen.ratio is None or chosen.ratio.mode == "direct":
            return direct_start(self.data)
        return decoupled_start(self.data, np.concatenate(self.start), chosen.ratio)

    def test_the_gradient_of_every_option_is_that_of_its_formula(self):
        seen = []
        for (name, changes), limit in itertools.product(CASES.items(), (4096, 60)):
            with self.subTest(name, limit=limit):
                chosen = options(**changes, microBatchTokens=limit, **({"ratioTolerance": 1.0}))
                found, metrics = gradient(self.data, chosen, self.own_start(chosen))
                wanted, loss = self.naive(chosen)
                self.assertAlmostEqual(metrics["loss"], loss, places=4)
                for weight, tensor in wanted.items():
                    torch.testing.assert_close(found[weight], tensor, atol=2e-5, rtol=1e-3, msg=lambda text: f"{weight}: {text}")
                seen.append(flat(wanted))
        chosen = options(**CASES["anchor"], ratioTolerance=1.0)
        start = replace(self.own_start(chosen), reference=np.concatenate(self.reference))
        found, _ = gradient(self.data, chosen, start)
        wanted, _ = self.naive(chosen, self.reference)
        for weight, tensor in wanted.items():
            torch.testing.assert_close(found[weight], tensor, atol=2e-5, rtol=1e-3, msg=lambda text: f"{weight}: {text}")
        # The test can fail: the options differ in what they ask for.
        for one, other in itertools.combinations([*seen[::2], flat(wanted)], 2):
            self.assertGreater(float((one - other).abs().max()), 1e-3)

    def test_rejected_tokens_leave_numerator_and_denominator(self):
        chosen = options(ratio=DECOUPLED | {"reject": {"geometricMean": [0.95, 1.05]}}, klWeight=0.3)
        start = self.own_start(chosen)
        kept = [at for at in range(len(self.sequences)) if not start.rejected[at]]
        self.assertTrue(0 < len(kept) < len(self.sequences))
        parts = [[one[at] for at in kept] for one in (self.sequences, self.masks, self.owners, self.behaviour)]
        advantages = [self.advantages[at] for at in kept]
        sequences, masks, owners, behaviour = parts
        less = training_set(self.prompts, sequences, masks, owners, [b.tolist() for b in behaviour], advantages, self.targets)
        plain = options(ratio=DECOUPLED, klWeight=0.3)
        left = decoupled_start(less, np.concatenate([self.start[at] for at in kept]), plain.ratio)
        one, metrics = gradient(self.data, chosen, start)
        other, _ = gradient(less, plain, left)
        torch.testing.assert_close(flat(one), flat(other), atol=1e-6, rtol=1e-4)
        tokens = [sum(mask) for mask in self.masks]
        masked = 1 - sum(tokens[at] for at in kept) / sum(tokens)
        self.assertAlmostEqual(metrics["masked_frac"], masked, places=6)


class Correction(unittest.TestCase):
    def test_behaviour_log_probs_that_are_4_nats_too_low_spoil_the_gradient_only_without_correction(self):
        parts = rollouts(queries=400, samples=4, seed=3)
        random = np.random.default_rng(7)
        advantages = random.choice([-1.0, 1.0], len(parts[1])).tolist()
        plain = options(decisionWeight=0)
        rough = training_set(*parts, advantages=advantages)
        model = decoder.Decoder(architecture(LLAMA), random_weights(LLAMA))
        from dataclasses import replace

        own = read_start(model, rough, options(ratio=DECOUPLED), CPU).log_probs
        clean = replace(rough, behaviour_log_probs=own)
        learnt = np.flatnonzero(rough.loss_mask)
        lowered = own.copy()
        lowered[random.choice(learnt, len(learnt) // 1000, replace=False)] -= 4
        spoilt = replace(rough, behaviour_log_probs=lowered)
        wanted, _ = gradient(clean, plain)
        without, metrics = gradient(spoilt, plain)
        corrected, better = gradient(spoilt, options(decisionWeight=0, ratio=DECOUPLED | {"truncate": 2}))
        self.assertLess(cosine(wanted, without), 0.7)
        self.assertGreaterEqual(cosine(wanted, corrected), 0.98)
        self.assertLess(metrics["ess"], 0.5)
        self.assertGreater(better["ess"], 0.99)
        self.assertGreater(better["mismatch_kl"], 0.001 * (math.exp(4) - 5) * 0.9)

    def test_the_anchor_pulls_by_ratio_minus_1_and_never_by_more_than_e_minus_1(self):
        log_ratio = torch.linspace(-6, 6, 121, dtype=torch.float64, requires_grad=True)
        losses.anchor(log_ratio).sum().backward()
        ratio = log_ratio.detach().exp()
        torch.testing.assert_close(log_ratio.grad, (ratio - 1).clamp(max=math.e - 1))
        below = log_ratio.detach() <= 1
        torch.testing.assert_close(losses.anchor(log_ratio.detach())[below], losses.k3(log_ratio.detach())[below])


class Parts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        parts = rollouts(queries=8)
        advantages = np.linspace(-1, 1, len(parts[1])).tolist()
        behaviour = [[-4.0] * len(sequence) for sequence in parts[1]]
        cls.data = training_set(*parts, behaviour, advantages)
        cls.queries = list(range(8))

    def test_the_gradient_is_the_solutions_and_the_weighted_decisions_and_their_norms_are_measured(self):
        both, metrics = gradient(self.data, options(decisionWeight=3.0))
        solution, _ = gradient(self.data, options(decisionWeight=0))
        twice, _ = gradient(self.data, options(decisionWeight=6.0))
        decision = {name: (twice[name] - both[name]) / 3 for name in both}
        torch.testing.assert_close(flat(both), flat(solution) + 3 * flat(decision), atol=1e-5, rtol=1e-3)
        self.assertAlmostEqual(metrics["grad_norm_solution"], float(flat(solution).norm()), places=3)
        self.assertAlmostEqual(metrics["grad_norm_decision"], float(flat(decision).norm()), places=3)
        self.assertAlmostEqual(metrics["grad_cosine"], cosine(solution, decision), places=3)
        weighted = 3 * metrics["grad_norm_decision"]
        self.assertAlmostEqual(metrics["balance"], weighted / (weighted + metrics["grad_norm_solution"]), places=6)

    def test_a_share_sets_the_weight_at_which_the_decision_has_it_up_to_the_largest(self):
        for share in (0.1, 0.5, 0.8):
            _, metrics = gradient(self.data, options(decisionWeight={"share": share, "max": 1e9}))
            self.assertAlmostEqual(metrics["balance"], share, places=4)
        _, metrics = gradient(self.data, options(decisionWeight={"share": 0.9, "max": 1e-3}))
        self.assertEqual(metrics["decision_weight"], 1e-3)

    def test_an_update_that_only_anchors_does_not_switch_the_decision_off(self):
        parts = rollouts(queries=8)
        idle = training_set(*parts, advantages=[0.0] * len(parts[1]))
        _, metrics = gradient(idle, options(klWeight=4, decisionWeight={"share": 0.5, "max": 2}))
        self.assertEqual(metrics["decision_weight"], 2)

    def test_the_norms_are_moving_averages_without_the_bias_of_their_start(self):
        one = learner(self.data, options(decisionWeight={"share": 0.5, "max": 1e9}))
        found = [one.accumulate(self.queries[at : at + 2])[0] for at in (0, 2, 4)]
        weights = np.array([0.3 * 0.49, 0.3 * 0.7, 0.3]) / (1 - 0.7**3)
        means = [weights @ [metrics[f"grad_norm_{part}"] for metrics in found] for part in ("solution", "decision")]
        self.assertAlmostEqual(found[-1]["decision_weight"], means[0] / means[1], places=6)


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model")
        parts = rollouts(queries=24)
        # Every third query has rollouts without an advantage only, and no decision target.
        advantages = [0.0 if owner % 3 == 0 else (1.0 if at % 2 else -1.0) for at, owner in enumerate(parts[3])]
        targets = [None if query % 3 == 0 else (0.25, 0.75) for query in range(24)]
        model = decoder.Decoder(architecture(LLAMA), random_weights(LLAMA))
        rough = training_set(*parts, advantages=advantages, targets=targets)
        own = read_start(model, rough, options(ratio=DECOUPLED), CPU).log_probs
        noisy = own + np.random.default_rng(2).normal(0, 0.05, len(own)).astype(np.float32)
        behaviour = np.where(rough.loss_mask == 1, np.minimum(noisy, 0), 0).astype(np.float32)
        lists = np.split(behaviour, rough.offsets[1:-1])
        cls.set = training_set(*parts, [one.tolist() for one in lists], advantages, targets)
        cls.data = write_set(cls.root / "set", cls.set)
        cls.all = {
            "epochs": 3, "klWeight": 1.0, "aggregation": "arm-balanced", "clip": [0.2, 0.28], "ratioTolerance": 0.5,
            "decisionWeight": {"share": 0.5, "max": 2.0},
            "ratio": DECOUPLED | {"truncate": 2, "reject": {"geometricMean": [0.9, 1.1]}, "dualClip": 3},
        }  # fmt: skip

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_with(self, name, job=(), **changes):
        return run_job(self.model, self.data, self.root / name, self.all | changes, job=job)

    def test_a_run_with_every_option_is_repeated_to_the_bit_and_goes_on_from_its_own_state(self):
        states = self.root / "states"
        states.mkdir()
        whole = self.run_with("whole", {"save": {"directory": str(states), "everySeconds": 0}})
        again = self.run_with("again")
        (state,) = states.glob("state-*.safetensors")
        resumed = self.run_with("resumed", {"resumeFrom": str(state)})
        self.assertEqual(len(resumed.of("update")), 1)
        for other in (again, resumed):
            self.assertEqual(whole.of("done")[0]["series"], other.of("done")[0]["series"])
        weights = [(self.root / name / "model.safetensors").read_bytes() for name in ("whole", "again", "resumed")]
        self.assertEqual(weights[0], weights[1])
        self.assertEqual(weights[0], weights[2])

    def test_an_anchor_holds_the_policy_nearer_to_its_start(self):
        ends = [
            self.run_with(f"anchor-{weight}", epochs=6, klWeight=weight, decisionWeight=0).of("update")[-1]["metrics"]["approx_kl"]
            for weight in (0, 20)
        ]
        self.assertLess(ends[1], ends[0] / 2)

    def test_an_anchor_to_the_model_that_sampled_changes_nothing(self):
        self.run_with("unnamed")
        self.run_with("named", {"referenceDirectory": str(self.model)})
        weights = [(self.root / name / "model.safetensors").read_bytes() for name in ("unnamed", "named")]
        self.assertEqual(weights[0], weights[1])

    def test_a_reference_is_read_in_passes_of_the_chosen_length(self):
        memory = [{"tokens": 60, "gpuBytes": 1, "hostBytes": 1}]
        job = {"referenceDirectory": str(self.model), "passMemory": memory}
        self.assertEqual(self.run_with("auto", job, microBatchTokens="auto").of("started")[0]["microBatchTokens"], 60)

    def test_a_reference_without_an_anchor_is_refused(self):
        with self.assertRaises(Refusal) as caught:
            self.run_with("refused", {"referenceDirectory": str(self.model)}, klWeight=0)
        self.assertIn("klWeight", str(caught.exception))

    def test_a_divergence_above_its_target_ends_the_run_with_a_checkpoint(self):
        limit = 1e-4
        events = self.run_with("ended", epochs=6, targetKl=limit)
        (stopped,), (done,) = events.of("stopped"), events.of("done")
        self.assertGreater(stopped["approxKl"], limit)
        self.assertTrue(1 <= done["updates"] < stopped["of"])
        self.assertEqual([done["updates"]] * 2, [len(done["series"]), len(events.of("update"))])
        self.assertTrue((self.root / "ended" / "model.safetensors").exists())

    def test_updates_have_equal_sizes_and_queries_without_signal_are_dealt_out_to_them(self):
        anchors = set(range(0, 24, 3))
        for size in (3, 5, 7, 16, 100):
            plan = batches.plan_updates(self.set, options(**self.all | {"batchSize": size, "epochs": 1}))
            learnt = [len(set(update) - anchors) for update in plan]
            dealt = [len(set(update) & anchors) for update in plan]
            self.assertEqual(len(plan), math.ceil(16 / size))
            for sizes in (learnt, dealt):
                self.assertLessEqual(max(sizes) - min(sizes), 1)
            self.assertLessEqual(max(learnt), size)
            self.assertEqual(sorted(sum(plan, [])), list(range(24)))
