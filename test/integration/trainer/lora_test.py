"""Adapters: what learns, what is written, and that peft reads it."""

import json
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from support import LLAMA, QWEN3, architecture, behaviour_log_probs, rollouts, run_job, scratch, training_set, write_checkpoint, write_set

from whencode_trainer.job import Lora
from whencode_trainer.lora import check_lora
from whencode_trainer.progress import Refusal

LORA = {"rank": 4, "alpha": 8, "targets": ["q_proj", "o_proj", "down_proj"]}
OPTIONS = {"objective": "cross-entropy", "ratioTolerance": None, "lora": LORA}


class Adapters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model", QWEN3)
        cls.rollouts = rollouts(queries=24)
        cls.data = write_set(cls.root / "set", training_set(*cls.rollouts))
        cls.base = load_file(cls.model / "model.safetensors")
        cls.trained = cls.root / "trained"
        states = cls.root / "states"
        states.mkdir()
        job = {"save": {"directory": str(states), "everySeconds": 0}}
        cls.events = run_job(cls.model, cls.data, cls.trained, OPTIONS, {"learningRate": 1e-2}, job)
        (cls.state,) = states.iterdir()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_only_the_targets_learn_and_only_adapters_are_state(self):
        weights = load_file(self.trained / "model.safetensors")
        self.assertEqual(weights.keys(), self.base.keys())
        changed = {name for name in weights if not torch.equal(weights[name], self.base[name])}
        wanted = {f"model.layers.{at}.{part}.weight" for at in (0, 1) for part in ("self_attn.q_proj", "self_attn.o_proj", "mlp.down_proj")}
        self.assertEqual(changed, wanted)
        adapters = load_file(self.trained / "adapter" / "adapter_model.safetensors")
        learnt = sum(tensor.numel() for tensor in adapters.values())
        self.assertEqual(self.events.of("started")[0]["parameters"], learnt)
        state = load_file(self.state)
        self.assertEqual(sum(tensor.numel() for name, tensor in state.items() if name != "random"), 3 * learnt)

    def test_peft_loads_the_adapter_to_the_model_that_the_merged_weights_are(self):
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        base = AutoModelForCausalLM.from_pretrained(self.model, dtype=torch.float32)
        adapted = PeftModel.from_pretrained(base, self.trained / "adapter")
        merged = AutoModelForCausalLM.from_pretrained(self.trained, dtype=torch.float32)
        ids = torch.tensor([self.rollouts[1][0]])
        start = AutoModelForCausalLM.from_pretrained(self.model, dtype=torch.float32)(ids).logits
        with torch.no_grad():
            torch.testing.assert_close(adapted(ids).logits, merged(ids).logits, atol=2e-5, rtol=0)
            self.assertGreater((adapted(ids).logits - start).abs().max().item(), 1e-2)

    def test_without_a_step_it_is_the_start_to_the_bit_also_where_bf16_computes(self):
        prompts, sequences, masks, owners = self.rollouts
        behaviour = behaviour_log_probs(self.model, sequences, masks)
        data = write_set(self.root / "sampled", training_set(prompts, sequences, masks, owners, behaviour))
        for precision in ("fp32", "bf16"):
            options = {"lora": LORA, "precision": precision, "ratioTolerance": 0.5}
            events = run_job(self.model, data, self.root / precision, options, {"learningRate": 0.0})
            (figures,) = events.of("probe")
            if precision == "fp32":
                self.assertLess(figures["meanAbsDeviation"], 1e-5)
            # The frozen weights are rounded, so a pass in fp32 is not exact.
            self.assertNotIn("fp32MeanAbsDeviation", figures)
            weights = load_file(self.root / precision / "model.safetensors")
            for name in self.base:
                self.assertTrue(torch.equal(weights[name], self.base[name]), name)

    def test_it_learns_as_a_training_of_the_factors_would(self):
        losses = [update["loss"] for update in self.events.of("update")]
        longer = run_job(self.model, self.data, self.root / "longer", OPTIONS | {"epochs": 6}, {"learningRate": 1e-2})
        self.assertLess(longer.of("update")[-1]["loss"], losses[0] - 1)

    def test_a_rank_that_a_matrix_can_not_have_is_refused(self):
        with self.assertRaises(Refusal) as caught:
            check_lora(Lora(33, 8, ["k_proj", "up_proj"]), architecture(LLAMA))
        self.assertIn("k_proj.weight is 16 × 32; at most 16", str(caught.exception))
        with self.assertRaises(Refusal):
            check_lora(Lora(4, 8, ["k_proj"]), None)

    def test_the_configuration_is_pefts(self):
        config = json.loads((self.trained / "adapter" / "adapter_config.json").read_text())
        self.assertEqual((config["peft_type"], config["r"], config["lora_alpha"]), ("LORA", 4, 8))


if __name__ == "__main__":
    unittest.main()
