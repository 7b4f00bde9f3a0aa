"""Speed and memory of the trainer on one GPU, in at most 12 minutes; writes one JSON file.

    python test/bench/gpu/train.py OUT.json                       a GPU: Qwen2.5 shapes of 0.5 to 7B, random weights
    python test/bench/gpu/train.py OUT.json --device cpu --tiny   proves that it works, in seconds

Per case: tokens a second (all tokens of the rollouts), MFU, peak memory, and what it expects. MFU counts 6 FLOP a parameter
and row that the packed pass computes (4 with adapters: frozen weights have no gradient), attention and recomputation not. A case
that runs out of memory, or into another error, is recorded with it. Cases that no time is left for are named.
"""

import argparse
import gc
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src/trainer/python"))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from whencode_trainer import batches  # noqa: E402
from whencode_trainer.architecture import Architecture  # noqa: E402
from whencode_trainer.data import TrainingSet  # noqa: E402
from whencode_trainer.decoder import Decoder  # noqa: E402
from whencode_trainer.job import read_options  # noqa: E402
from whencode_trainer.learner import Learner  # noqa: E402
from whencode_trainer.loop import make_deterministic  # noqa: E402
from whencode_trainer.lora import attach, initialise  # noqa: E402
from whencode_trainer.optim import Optimizer  # noqa: E402
from whencode_trainer.start import direct_start  # noqa: E402

BUDGET_SECONDS = 12 * 60
# Dense bf16 FLOP a second, by a part of the device's name.
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12}
LORA = {"rank": 16, "alpha": 32, "targets": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}


@dataclass(frozen=True)
class Shape:
    hidden: int
    ffn: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool


SHAPES = {
    "tiny": Shape(64, 128, 2, 4, 2, 512, True),
    "0.5B": Shape(896, 4864, 24, 14, 2, 151936, True),
    "1.5B": Shape(1536, 8960, 28, 12, 2, 151936, True),
    "3B": Shape(2048, 11008, 36, 16, 2, 151936, True),
    "7B": Shape(3584, 18944, 28, 28, 4, 152064, False),
}


@dataclass(frozen=True)
class Case:
    shape: str
    lora: bool = False
    checkpointing: bool = False
    deterministic: bool = True


GPU_CASES = [
    Case("0.5B"),
    Case("0.5B", deterministic=False),
    Case("0.5B", lora=True),
    Case("1.5B", checkpointing=True),
    Case("1.5B", checkpointing=True, deterministic=False),
    Case("7B", lora=True, checkpointing=True),
    Case("7B", lora=True, checkpointing=True, deterministic=False),
    Case("3B", checkpointing=True),
    Case("7B", checkpointing=True),
]
TINY_CASES = [Case("tiny"), Case("tiny", deterministic=False), Case("tiny", lora=True, checkpointing=True)]


def architecture_of(shape):
    size = shape.hidden // shape.heads
    keys = shape.kv_heads * size
    tensors = {"model.embed_tokens.weight": [shape.vocabulary, shape.hidden], "model.norm.weight": [shape.hidden]}
    for at in range(shape.layers):
        name = f"model.layers.{at}"
        for part, rows in (("q", shape.hidden), ("k", keys), ("v", keys)):
            tensors[f"{name}.self_attn.{part}_proj.weight"] = [rows, shape.hidden]
            tensors[f"{name}.self_attn.{part}_proj.bias"] = [rows]
        tensors[f"{name}.self_attn.o_proj.weight"] = [shape.hidden, shape.hidden]
        tensors[f"{name}.mlp.gate_proj.weight"] = tensors[f"{name}.mlp.up_proj.weight"] = [shape.ffn, shape.hidden]
        tensors[f"{name}.mlp.down_proj.weight"] = [shape.hidden, shape.ffn]
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{name}.{norm}.weight"] = [shape.hidden]
    if not shape.tied:
        tensors["lm_head.weight"] = [shape.vocabulary, shape.hidden]
    return Architecture("qwen2", shape.layers, size, shape.tied, 1e-6, 1e6, [1.0] * (size // 2), 1.0, tensors, {})


def random_set(vocabulary, problems, samples, prompt, completion):
    """Problems with `samples` rollouts each, of which every second starts with the other prefix."""
    random = np.random.default_rng(0)
    prefixes = [[5, 6, 7], [8, 9]]
    prompts = [random.integers(10, vocabulary, prompt).tolist() for _ in range(problems)]
    ids, mask, offsets = [], [], [0]
    for query in range(problems):
        for sample in range(samples):
            start = prompts[query] + prefixes[sample % 2]
            length = int(random.integers(completion // 2, completion * 3 // 2))
            ids += start + random.integers(10, vocabulary, length).tolist()
            mask += [0] * len(start) + [1] * length
            offsets.append(len(ids))
    count = problems * samples
    return TrainingSet(
        np.array(ids, np.int32), np.array(offsets, np.int32), np.array(mask, np.uint8),
        (-np.log(vocabulary) * np.array(mask)).astype(np.float32), random.normal(size=count).astype(np.float32),
        np.repeat(np.arange(problems), samples).astype(np.int32), np.array(sum(prompts, []), np.int32),
        (np.arange(problems + 1) * prompt).astype(np.int32), np.full((problems, 2), 0.5, np.float32),
        np.ones(problems, np.uint8), np.array(sum(prefixes, []), np.int32), np.array([0, 3, 5], np.int32),
    )  # fmt: skip


def options_of(case, device):
    return read_options({
        "objective": "policy-gradient", "decisionWeight": 2, "clip": 0.2, "klWeight": 4, "temperature": 1, "epochs": 1,
        "batchSize": 1, "microBatchTokens": 16_384, "precision": "bf16" if device.type == "cuda" else "fp32",
        "gradientCheckpointing": case.checkpointing, "ratioTolerance": 1, "seed": 0,
        "optimizer": {"name": "adamw", "learningRate": 1e-6, "weightDecay": 0, "schedule": "constant", "warmupSteps": 0, "maxGradNorm": 1},
        **({"lora": LORA} if case.lora else {}),
    })  # fmt: skip


def build(case, options, device):
    """Random weights, made on the device in bf16; the optimizer's storage is fp32."""
    architecture, generator = architecture_of(SHAPES[case.shape]), torch.Generator(device).manual_seed(0)
    kind = torch.bfloat16 if device.type == "cuda" else torch.float32
    weights = {
        name: torch.ones(shape, device=device, dtype=kind) if name.endswith("norm.weight")
        else torch.empty(shape, device=device, dtype=kind).normal_(0, 0.02, generator=generator)
        for name, shape in architecture.tensors.items()
    }  # fmt: skip
    model = Decoder(architecture, weights)
    del weights
    model.checkpointing = case.checkpointing
    if case.lora:
        attach(model, options.lora, options.precision)
        # As loaded from a file: only the linear layers are bf16.
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1 or name in ("model.embed_tokens.weight", "lm_head.weight"):
                parameter.data = parameter.data.float()
        initialise(model, 0, device)
    return model


def measure(case, device, updates, sizes):
    options = options_of(case, device)
    make_deterministic(options, device)
    if not case.deterministic:
        torch.set_deterministic_debug_mode("default")
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    data = random_set(SHAPES[case.shape].vocabulary, *sizes)
    model = build(case, options, device)
    parameters = sum(parameter.numel() for name, parameter in model.named_parameters() if ".lora_" not in name)
    optimizer = Optimizer(model, options.optimizer, updates, device)
    learner = Learner(model, optimizer, data, options, device, direct_start(data))
    update = list(range(data.query_count))
    rows = sum(len(batches.pack(data, one).ids) for one in planned(data, update, options))
    seconds = []
    for number in range(updates):
        began = time.monotonic()
        metrics, tokens = learner.accumulate(update)
        norm = float(optimizer.gradient_norm())
        optimizer.step(number, norm)
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.monotonic() - began)
    # The first update tunes and allocates.
    typical = float(np.median(seconds[1:]))
    peak = next((peak for name, peak in PEAKS.items() if device.type == "cuda" and name in torch.cuda.get_device_name()), None)
    found = {"parameters": parameters, "learnt": optimizer.parameters, "tokens": tokens, "rows": rows, "secondsPerUpdate": seconds}
    found |= {"tokensPerSecond": tokens / typical, "loss": metrics["loss"], "gradientNorm": norm}
    found["mfu"] = None if peak is None else (4 if case.lora else 6) * parameters * rows / typical / peak
    # Weights, gradients and two moments in fp32; of a frozen model its bf16 layers.
    expected = 2 * parameters + 16 * optimizer.parameters if case.lora else 16 * parameters
    found["expectedStaticBytes"] = expected
    found["peakBytes"] = torch.cuda.max_memory_allocated() if device.type == "cuda" else None
    return found


def planned(data, update, options):
    limit = options.micro_batch_tokens
    return batches.plan_decision_passes(data, update, limit) + batches.plan_passes(data, update, batches.group_by_query(data), limit)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny shapes and sets")
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        sys.exit("PyTorch finds no GPU; --device cpu --tiny proves that the script works")
    device, began, found = torch.device(arguments.device), time.monotonic(), []
    sizes = (4, 4, 12, 20) if arguments.tiny else (8, 16, 150, 500)
    for case in TINY_CASES if arguments.tiny else GPU_CASES:
        entry = {"shape": case.shape, "lora": case.lora, "checkpointing": case.checkpointing, "deterministic": case.deterministic}
        if time.monotonic() - began > BUDGET_SECONDS - 90:
            entry["left"] = "no time"
        else:
            try:
                entry |= measure(case, device, 3, sizes)
            except (torch.OutOfMemoryError, RuntimeError) as error:
                entry["error"] = f"{type(error).__name__}: {str(error)[:500]}"
        gc.collect()
        found.append(entry)
        print(json.dumps(entry), flush=True)
        name = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"
        expects = {"aim": {"mfu": {"7B": 0.38}}, "rule": "peakBytes is expectedStaticBytes and a pass; deterministic costs time, not memory"}
        result = {"device": name, "torch": torch.__version__, "seconds": time.monotonic() - began, "expects": expects, "cases": found}
        Path(arguments.out).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
