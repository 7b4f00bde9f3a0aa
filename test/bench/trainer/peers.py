"""An update of the trainer beside TRL's GRPO step and a plain transformers loop: the same batch and weights, in one run, by turns.

    python -m venv FOLDER && FOLDER/bin/pip install -r src/trainer/python/requirements.in trl
    FOLDER/bin/python test/bench/trainer/peers.py OUT.json [--shapes 135M,0.5B] [--precisions fp32,bf16] [--rounds 3] [--threads 2]

Each makes log-probs, the clipped loss of PPO, gradients, the clip of their norm and a step of AdamW; weights and moments are
fp32, bf16 is autocast. TRL computes its loss by `GRPOTrainer._compute_loss`, on a batch as its own sampling hands it over. A round
builds each model anew and times its second update, by the clock and in seconds of processors, which other work on the machine
hardly changes. Losses and gradient norms stand beside the times: equal work has equal ones.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "gpu"))

import torch  # noqa: E402
from train import SHAPES, Shape, architecture_of  # noqa: E402

from whencode_trainer.data import TrainingSet  # noqa: E402
from whencode_trainer.decoder import Decoder  # noqa: E402
from whencode_trainer.job import read_options  # noqa: E402
from whencode_trainer.learner import Learner  # noqa: E402
from whencode_trainer.loop import make_deterministic  # noqa: E402
from whencode_trainer.optim import Optimizer  # noqa: E402
from whencode_trainer.start import direct_start  # noqa: E402

import numpy as np  # noqa: E402

ALL = SHAPES | {"135M": Shape(576, 1536, 30, 9, 3, 49152, True)}
# Prompt, samples of it and the longest completion; a larger model has fewer.
BATCHES = {"tiny": (12, 4, 16), "135M": (64, 8, 64), "0.5B": (64, 4, 64)}
RATE, CLIP, NORM = 1e-6, 0.2, 1.0


class Batch:
    """Samples of one prompt, with lengths from half of the longest on."""

    def __init__(self, shape, sizes):
        prompt, samples, longest = sizes
        random = np.random.default_rng(0)
        self.prompt = random.integers(10, shape.vocabulary, prompt)
        self.completions = [random.integers(10, shape.vocabulary, length) for length in np.linspace(longest // 2, longest, samples).astype(int)]
        # Not all one: a log-ratio of 0 would make the loss a sum of advantages.
        self.old = [np.full(len(one), -np.log(shape.vocabulary), np.float32) for one in self.completions]
        self.advantages = np.linspace(-1, 1.2, samples).astype(np.float32)
        self.tokens = sum(prompt + len(one) for one in self.completions)

    def padded(self):
        width = max(map(len, self.completions))
        pad = lambda rows, dtype: torch.tensor(np.stack([np.pad(row, (0, width - len(row))) for row in rows]).astype(dtype))  # noqa: E731
        mask = pad([np.ones(len(one)) for one in self.completions], np.int64)
        prompts = torch.tensor(np.tile(self.prompt, (len(self.completions), 1)))
        return prompts, pad(self.completions, np.int64), mask, pad(self.old, np.float32)

    def training_set(self):
        empty = np.zeros(0, np.int32)
        sequences = [np.concatenate([self.prompt, one]) for one in self.completions]
        masks = [np.concatenate([np.zeros(len(self.prompt)), np.ones(len(one))]) for one in self.completions]
        olds = [np.concatenate([np.zeros(len(self.prompt)), one]) for one in self.old]
        return TrainingSet(
            np.concatenate(sequences).astype(np.int32), np.cumsum([0, *map(len, sequences)]).astype(np.int32),
            np.concatenate(masks).astype(np.uint8), np.concatenate(olds).astype(np.float32), self.advantages,
            np.zeros(len(sequences), np.int32), self.prompt.astype(np.int32), np.array([0, len(self.prompt)], np.int32),
            np.zeros((1, 2), np.float32), np.zeros(1, np.uint8), empty, np.zeros(3, np.int32),
        )  # fmt: skip


def hugging_face(shape):
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.ffn, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads, tie_word_embeddings=shape.tied,
        max_position_embeddings=4096, rope_theta=1e6, use_sliding_window=False, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    return Qwen2ForCausalLM(config).float()


def ours(shape, batch, precision):
    options = read_options({
        "objective": "policy-gradient", "decisionWeight": 0, "clip": CLIP, "temperature": 1, "epochs": 1, "batchSize": 1,
        "microBatchTokens": 16_384, "precision": precision, "gradientCheckpointing": False, "ratioTolerance": 1, "seed": 0,
        "optimizer": {"name": "adamw", "learningRate": RATE, "weightDecay": 0, "schedule": "constant", "warmupSteps": 0, "maxGradNorm": NORM},
    })  # fmt: skip
    device = torch.device("cpu")
    model = Decoder(architecture_of(shape), dict(hugging_face(shape).state_dict()))
    optimizer = Optimizer(model, options.optimizer, 2, device)
    data = batch.training_set()
    learner = Learner(model, optimizer, data, options, device, direct_start(data))

    def update(number):
        metrics, _ = learner.accumulate([0])
        norm = float(optimizer.gradient_norm())
        optimizer.step(number, norm)
        return metrics["loss"], norm

    return update


def stepped(model, loss_of):
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0)

    def update(_):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), NORM)
        optimizer.step()
        return float(loss), float(norm)

    return update


def plain(shape, batch, precision):
    model = hugging_face(shape).train()
    prompts, completions, mask, old = batch.padded()
    ids, advantages = torch.cat([prompts, completions], 1), torch.tensor(batch.advantages)[:, None]
    attention = torch.cat([torch.ones_like(prompts), mask], 1)

    def loss():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            logits = model(ids, attention_mask=attention, logits_to_keep=completions.shape[1] + 1).logits[:, :-1]
        log_probs = torch.log_softmax(logits.float(), -1).gather(2, completions[:, :, None])[:, :, 0]
        ratio = (log_probs - old).exp()
        gain = torch.minimum(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages)
        return -(gain * mask).sum() / mask.sum()

    return stepped(model, loss)


def trl(shape, batch, precision):
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast
    from tokenizers import Tokenizer, models
    from trl import GRPOConfig, GRPOTrainer

    words = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<pad>": 0, "<eos>": 2}, "<pad>")), pad_token="<pad>", eos_token="<eos>")
    samples = len(batch.completions)
    config = GRPOConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=samples, num_generations=samples, beta=0.0, epsilon=CLIP,
        loss_type="bnpo", bf16=precision == "bf16", fp16=False, use_cpu=True, report_to=[], gradient_checkpointing=False,
        max_completion_length=max(map(len, batch.completions)), temperature=1.0, disable_dropout=False,
    )  # fmt: skip
    trainer = GRPOTrainer(hugging_face(shape), reward_funcs=lambda **_: [0.0], args=config, processing_class=words, train_dataset=Dataset.from_list([{"prompt": "a"}]))
    model = trainer.model.train()
    prompts, completions, mask, old = batch.padded()
    inputs = {
        "prompt_ids": prompts, "prompt_mask": torch.ones_like(prompts), "completion_ids": completions, "completion_mask": mask,
        "advantages": torch.tensor(batch.advantages), "old_per_token_logps": old, "num_items_in_batch": mask.sum(),
    }  # fmt: skip
    trainer.current_gradient_accumulation_steps = 1

    def loss():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            return trainer._compute_loss(model, inputs)

    return stepped(model, loss)


PEERS = {"ours": ours, "transformers": plain, "trl": trl}


def measure(name, shape, batch, precision):
    update = PEERS[name](shape, batch, precision)
    # The first update allocates.
    update(0)
    began, worked = time.monotonic(), time.process_time()
    loss, norm = update(1)
    times = {"seconds": time.monotonic() - began, "processorSeconds": time.process_time() - worked}
    print(json.dumps({"peer": name, "precision": precision} | times), file=sys.stderr, flush=True)
    return times | {"loss": loss, "gradientNorm": norm}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--shapes", default="135M,0.5B")
    parser.add_argument("--precisions", default="fp32,bf16")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    from importlib.metadata import version

    versions = {name: version(name) for name in ("torch", "transformers", "trl")}
    found = []
    for shape in arguments.shapes.split(","):
        batch = Batch(ALL[shape], BATCHES[shape])
        for precision in arguments.precisions.split(","):
            runs = {name: [] for name in PEERS}
            for _ in range(arguments.rounds):
                for name in PEERS:
                    torch.set_num_threads(arguments.threads)
                    if name == "ours":
                        make_deterministic(read_thread_options(arguments.threads), torch.device("cpu"))
                    else:
                        torch.set_deterministic_debug_mode("default")
                    runs[name].append(measure(name, ALL[shape], batch, precision))
                    gc.collect()
            entry = {"shape": shape, "precision": precision, "tokens": batch.tokens, "runs": runs}
            for kind, rate in (("seconds", "tokensPerSecond"), ("processorSeconds", "tokensPerProcessorSecond")):
                best = {name: min(one[kind] for one in each) for name, each in runs.items()}
                entry[rate] = {name: round(batch.tokens / seconds, 1) for name, seconds in best.items()}
                entry[f"{rate}TimesTrl"] = round(best["trl"] / best["ours"], 2)
                entry[f"{rate}TimesTransformers"] = round(best["transformers"] / best["ours"], 2)
            found.append(entry)
            print(json.dumps({key: value for key, value in entry.items() if key != "runs"}), flush=True)
            Path(arguments.out).write_text(json.dumps({"versions": versions, "threads": arguments.threads, "cases": found}, indent=2) + "\n", encoding="utf-8")


def read_thread_options(threads):
    class Options:
        seed = 0

    Options.threads = threads
    return Options


if __name__ == "__main__":
    main()
