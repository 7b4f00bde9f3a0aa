"""Trainings whose weights, gradients and moments are in host memory make what others make."""

import unittest

from support import Cutting, CutOff, Trainings

from whencode_trainer.progress import Refusal

# Several passes an update; the anchor and the decision take part.
OPTIONS = {"klWeight": 1.0, "ratioTolerance": 1e6, "epochs": 3, "microBatchTokens": 60, "decisionWeight": {"share": 0.5, "max": 2.0}}
OPTIMIZER = {"weightDecay": 0.01, "schedule": "cosine", "maxGradNorm": 0.5}
UPDATES = 6


class Offload(Trainings):
    options = OPTIONS
    optimizer = OPTIMIZER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.run_with("plain")

    def test_in_fp32_the_updates_and_weights_are_those_without_it_to_the_bit(self):
        found = self.run_with("offloaded", {"offload": True})
        self.assertEqual(found.of("done"), self.plain.of("done"))
        self.assertEqual(self.weights("offloaded"), self.weights("plain"))

    def test_in_bf16_the_losses_are_those_without_it(self):
        losses = [
            [update["loss"] for update in self.run_with(f"bf16-{offload}", {"precision": "bf16", "offload": offload}).of("update")]
            for offload in (None, True)
        ]
        self.assertEqual(len(losses[0]), UPDATES)
        for one, other in zip(*losses, strict=True):
            self.assertAlmostEqual(one, other, delta=0.02)

    def test_it_goes_on_from_its_own_state_and_from_one_without_it(self):
        for name, first in (("own", True), ("other", None)):
            states = self.root / f"states-{name}"
            states.mkdir()
            job = {"save": {"directory": str(states), "everySeconds": 0}}
            with self.assertRaises(CutOff):
                self.run_with(f"cut-{name}", {"offload": first}, job=job, recorder=Cutting(4))
            (state,) = states.iterdir()
            resumed = self.run_with(f"resumed-{name}", {"offload": True}, job={"resumeFrom": str(state)})
            self.assertEqual(resumed.of("resumed")[0]["update"], 4)
            self.assertEqual(self.weights(f"resumed-{name}"), self.weights("plain"), name)

    def test_what_has_no_state_to_move_is_refused(self):
        lora = {"rank": 2, "alpha": 4.0, "targets": ["q_proj"]}
        for changes, optimizer, reason in (
            ({"lora": lora}, {}, "adapters have little state"),
            ({}, {"name": "muon", "muonLearningRate": 1e-3}, "with offload use adamw"),
        ):
            with self.assertRaises(Refusal) as caught:
                self.run_with("refused", {"offload": True} | changes, optimizer)
            self.assertIn(reason, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
