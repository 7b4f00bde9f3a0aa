"""Trainings with AdamW's moments in 8 bits."""

import unittest
from unittest.mock import patch

from safetensors import safe_open
from support import Cutting, CutOff, Recorder, Trainings

from whencode_trainer import eight_bit
from whencode_trainer.progress import Refusal

OPTIONS = {"klWeight": 1.0, "ratioTolerance": 1e6, "epochs": 8, "microBatchTokens": 60}
OPTIMIZER = {"name": "adamw-8bit", "weightDecay": 0.01, "schedule": "cosine", "maxGradNorm": 0.5}
UPDATES = 16


class EightBit(Trainings):
    options = OPTIONS
    optimizer = OPTIMIZER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = cls.run_with("whole")

    def test_it_learns_as_moments_in_fp32_do(self):
        exact = self.run_with("exact", optimizer={"name": "adamw"})
        losses, wanted = ([update["loss"] for update in run.of("update")] for run in (self.whole, exact))
        self.assertEqual(len(losses), UPDATES)
        learnt = abs(wanted[-1] - wanted[0])
        self.assertGreater(learnt, 0.1)
        for one, other in zip(losses, wanted, strict=True):
            self.assertAlmostEqual(one, other, delta=0.1 * learnt)
        self.assertNotEqual(self.weights("whole"), self.weights("exact"))

    def test_a_resumed_training_makes_the_same_bits_and_its_state_has_a_byte_a_moment(self):
        states = self.root / "states"
        states.mkdir()
        with self.assertRaises(CutOff):
            self.run_with("cut", job={"save": {"directory": str(states), "everySeconds": 0}}, recorder=Cutting(5))
        (state,) = states.iterdir()
        with safe_open(state, framework="pt") as file:
            shapes = {name: (file.get_slice(name).get_dtype(), file.get_slice(name).get_shape()[0]) for name in file.keys()}
        # Embedding, matrices, norms and biases.
        kinds = [shapes[f"adamw.{group}.square"][0] for group in range(3)]
        self.assertEqual(kinds, ["F32", "U8", "F32"])
        size = shapes["adamw.1.square"][1]
        self.assertEqual(size, shapes["adamw.1.storage"][1])
        self.assertEqual(shapes["adamw.1.mean_scale"], ("F32", -(-size // eight_bit.BLOCK)))
        resumed = self.run_with("resumed", job={"resumeFrom": str(state)})
        self.assertEqual(resumed.of("resumed")[0]["update"], 5)
        self.assertEqual(self.weights("resumed"), self.weights("whole"))

    def test_it_makes_the_same_bits_with_moments_in_host_memory(self):
        self.run_with("offloaded", {"offload": True})
        self.assertEqual(self.weights("offloaded"), self.weights("whole"))

    def test_blocks_that_are_computed_in_parts_make_the_same_bits(self):
        with patch.object(eight_bit, "_CHUNK", 4 * eight_bit.BLOCK):
            self.run_with("parts")
        self.assertEqual(self.weights("parts"), self.weights("whole"))

    def test_without_the_package_it_is_refused_with_the_command_that_installs_it(self):
        with patch.object(eight_bit, "find_spec", return_value=None), self.assertRaises(Refusal) as caught:
            self.run_with("refused", recorder=Recorder())
        self.assertIn("npm run setup -- --8bit", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
