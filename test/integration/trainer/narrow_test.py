"""Checkpoints of a model whose weights are bf16: served in bf16, trained on from the exact weights."""

import json
import unittest
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from support import LLAMA, reference_logits, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

from whencode_trainer.narrow import REMAINDER_FILE, exact, nearest, remainder

OPTIONS = {"objective": "cross-entropy", "ratioTolerance": None, "epochs": 2}
# Adam's steps of this size are below the rounding of most weights.
SMALL = {"learningRate": 1e-5}
LORA = {"rank": 3, "alpha": 6.0, "targets": ["q_proj", "down_proj"]}


class Numbers(unittest.TestCase):
    def test_bf16_and_the_rest_give_every_number_back_to_the_bit_and_bf16_is_the_nearest(self):
        generator = torch.Generator().manual_seed(1)
        bits = torch.randint(-(2**31), 2**31, (100_000,), generator=generator).to(torch.int32)
        # Halfway between two numbers of bf16, on both sides of 0.
        ties = (bits[:1000] & -0x10000) | 0x8000
        values = torch.cat([bits, ties, torch.tensor([0, -(2**31), 1, 0x3F80FFFF])]).view(torch.float32)
        values = values[values.abs() < 1e38]
        self.assertTrue(torch.equal(exact(nearest(values), remainder(values)).view(torch.int32), values.view(torch.int32)))
        torchs = values.to(torch.bfloat16).double()
        distance, best = (nearest(values).double() - values.double()).abs(), (torchs - values.double()).abs()
        self.assertTrue(torch.equal(distance, best))


class Checkpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.data = write_set(cls.root / "set", training_set(*rollouts(queries=8)))
        cls.full, cls.narrow = (write_checkpoint(cls.root / name) for name in ("full", "narrow"))
        weights = {name: tensor.bfloat16() for name, tensor in load_file(cls.full / "model.safetensors").items()}
        save_file(weights, cls.narrow / "model.safetensors")
        save_file({name: tensor.float() for name, tensor in weights.items()}, cls.full / "model.safetensors")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_both(self, options, generations):
        """Trains from the same weights, in fp32 files and in bf16 files; each time from what the one before wrote."""
        folders = [self.full, self.narrow]
        for generation in range(generations):
            for at, source in enumerate(folders):
                folders[at] = self.root / f"{source.name}-{len(options)}{generation}"
                run_job(source, self.data, folders[at], options, SMALL)
        return folders

    def test_a_second_training_goes_on_from_the_exact_weights(self):
        for options in (OPTIONS, OPTIONS | {"lora": LORA}):
            with self.subTest(lora="lora" in options):
                full, narrow = self.run_both(options, 2)
                wanted = load_file(full / "model.safetensors")
                served, rests = load_file(narrow / "model.safetensors"), load_file(narrow / REMAINDER_FILE)
                self.assertEqual(served.keys(), wanted.keys())
                lost = 0
                for name, tensor in wanted.items():
                    self.assertEqual(served[name].dtype, torch.bfloat16)
                    self.assertTrue(torch.equal(exact(served[name], rests[name]), tensor), name)
                    lost += int((served[name].float() != tensor).sum())
                # What bf16 alone would lose.
                self.assertGreater(lost, 1000)
                self.assertEqual(json.loads((narrow / "config.json").read_text())["dtype"], "bfloat16")
                self.assertEqual(json.loads((full / "config.json").read_text())["dtype"], "float32")
                self.assertFalse((full / REMAINDER_FILE).exists())

    def test_the_folder_has_half_the_bytes_where_others_look_and_they_read_it(self):
        output = self.root / "for-others"
        run_job(self.narrow, self.data, output, OPTIONS, SMALL)
        with safe_open(output / "model.safetensors", framework="pt") as file:
            self.assertEqual({file.get_slice(name).get_dtype() for name in file.keys()}, {"BF16"})
        sizes = [(folder / "model.safetensors").stat().st_size for folder in (output, self.full)]
        self.assertAlmostEqual(sizes[0] / sizes[1], 0.5, delta=0.05)
        (logits,) = reference_logits(output, [[1, 2, 3]])
        self.assertTrue(bool(logits.isfinite().all()))


if __name__ == "__main__":
    unittest.main()
