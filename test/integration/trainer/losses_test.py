"""The objective's parts against values worked out by hand, and the optimizers against their definitions."""

import math
import unittest

import torch
from support import OPTIMIZER, OPTIONS

from whencode_trainer import losses
from whencode_trainer.job import read_options
from whencode_trainer.moments import Moments
from whencode_trainer.optim import AdamW, Muon, orthogonalise, schedule


class Losses(unittest.TestCase):
    def test_clipped_objective_is_the_minimum_of_both_sides(self):
        ratio = torch.tensor([0.5, 0.9, 1.0, 1.5, 0.5, 1.5])
        advantage = torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
        gain = losses.surrogate(ratio, advantage, (0.2, 0.2))
        torch.testing.assert_close(gain, torch.tensor([0.5, 0.9, 1.0, 1.2, -0.8, -1.5]))

    def test_clipped_tokens_carry_no_gradient_and_others_carry_ratio_times_advantage(self):
        ratio = torch.tensor([1.5, 1.5, 0.5, 0.5, 1.1])
        log_prob = ratio.log().requires_grad_()
        advantage = torch.tensor([1.0, -1.0, 1.0, -1.0, 2.0])
        losses.surrogate(losses.log_ratio(log_prob, torch.zeros(5)).exp(), advantage, (0.2, 0.2)).sum().backward()
        torch.testing.assert_close(log_prob.grad, torch.tensor([0.0, -1.5, 0.5, 0.0, 2.2]))

    def test_a_token_is_stopped_where_its_gradient_is_zero(self):
        ratio = torch.tensor([0.5, 0.79, 0.81, 1.1, 1.19, 1.21, 1.29, 1.31, 2.9, 3.1]).repeat(3)
        advantage = torch.tensor([1.0, -1.0, 0.0]).repeat_interleave(10)
        for clip in ((0.2, 0.2), (0.2, 0.3)):
            for given in ({}, {"dual_clip": 3.0}, {"objective": "clip-only"}):
                moved = ratio.clone().requires_grad_()
                losses.surrogate(moved, advantage, clip, **given).sum().backward()
                stopped = losses.is_stopped(ratio, advantage, clip, **given)
                self.assertEqual(stopped.tolist(), ((moved.grad == 0) & (advantage != 0)).tolist(), (clip, given))

    def test_k3_is_the_divergence_from_the_start_and_pulls_back_to_it(self):
        log_ratio = torch.tensor([0.0, 0.5, -0.5, 2.0]).requires_grad_()
        divergence = losses.k3(log_ratio)
        torch.testing.assert_close(divergence.detach(), torch.tensor([0.0, math.exp(0.5) - 1.5, math.exp(-0.5) - 0.5, math.exp(2) - 3]))
        divergence.sum().backward()
        torch.testing.assert_close(log_ratio.grad, log_ratio.detach().exp() - 1)

    def test_log_probs_divide_the_logits_by_the_temperature(self):
        head, hidden = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[1.0]])
        expected = 4 / 2 - math.log(math.exp(0.5) + math.exp(1) + math.exp(2))
        self.assertAlmostEqual(losses.log_probs(hidden, head, torch.tensor([2]), 2.0).item(), expected, places=6)

    def test_log_probs_in_blocks_equal_those_in_one_piece_with_their_gradient(self):
        torch.manual_seed(0)
        head, hidden, targets = torch.randn(11, 5), torch.randn(23, 5), torch.randint(0, 11, (23,))
        results = []
        for elements in (2**24, 11 * 4):
            before, losses._BLOCK_ELEMENTS["cpu"] = losses._BLOCK_ELEMENTS["cpu"], elements
            h = hidden.clone().requires_grad_()
            found = losses.log_probs(h, head, targets, 0.7)
            found.sum().backward()
            results.append((found.detach(), h.grad))
            losses._BLOCK_ELEMENTS["cpu"] = before
        torch.testing.assert_close(results[0], results[1])

    def test_decision_loss_sums_every_prefix_token_weighted_by_the_target(self):
        # Two queries; g_cot has two tokens, g_code one.
        log_prob = torch.tensor([-1.0, -0.5, -2.0, -0.1, -0.2, -3.0])
        queries, arms = torch.tensor([0, 0, 0, 1, 1, 1]), torch.tensor([0, 0, 1, 0, 0, 1])
        targets = torch.tensor([[0.25, 0.75]] * 3 + [[1.0, 0.0]] * 3)
        expected = 0.25 * 1.5 + 0.75 * 2.0 + 1.0 * 0.3
        self.assertAlmostEqual(losses.decision_loss(log_prob, targets, arms).item(), expected, places=6)
        code = [1 / (1 + math.exp(-1.5 + 2.0)), 1 / (1 + math.exp(-0.3 + 3.0))]
        entropy = sum(-p * math.log(p) - (1 - p) * math.log(1 - p) for p in code)
        sums = losses.decision_sums(log_prob, queries, arms, 2)
        torch.testing.assert_close(sums, torch.tensor([sum(code), entropy]))


class Optimizers(unittest.TestCase):
    def test_adamw_takes_the_steps_of_torch(self):
        torch.manual_seed(0)
        own, theirs = torch.randn(7, 3), None
        theirs = torch.nn.Parameter(own.clone())
        group = AdamW([own], 0.1, Moments, torch.device("cpu"))
        reference = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1)
        for _ in range(5):
            gradient = torch.randn(7, 3)
            own.grad.copy_(gradient)
            theirs.grad = gradient.clone()
            group.step(0.01)
            reference.step()
        torch.testing.assert_close(own.detach(), theirs.detach())

    def test_newton_schulz_brings_all_singular_values_near_one(self):
        torch.manual_seed(0)
        for shape in ((3, 16, 40), (2, 40, 16), (1, 24, 24)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
            self.assertGreater(values.min().item(), 0.3, shape)
            self.assertLess(values.max().item(), 1.3, shape)

    def test_muon_moves_a_tall_matrix_along_its_orthogonalised_gradient(self):
        torch.manual_seed(0)
        weight = torch.zeros(32, 8)
        group = Muon([weight], 0.0, torch.device("cpu"))
        gradient = torch.randn(32, 8)
        weight.grad.copy_(gradient)
        group.step(0.01)
        expected = -0.01 * math.sqrt(4) * orthogonalise(gradient[None])[0]
        torch.testing.assert_close(weight.detach(), expected, atol=1e-3, rtol=0.05)

    def test_schedule_warms_up_linearly_and_falls_as_a_cosine(self):
        options = read_options(OPTIONS | {"optimizer": OPTIMIZER | {"warmupSteps": 2, "schedule": "cosine"}}).optimizer
        shares = [schedule(options, update, 6) for update in range(6)]
        expected = [0.5, 1.0, 1.0, 0.5 + math.sqrt(0.5) / 2, 0.5, 0.5 - math.sqrt(0.5) / 2]
        for share, wanted in zip(shares, expected, strict=True):
            self.assertAlmostEqual(share, wanted, places=9)
