"""Tiny models, sets and an independent reference for the trainer's tests."""

import functools
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src/trainer/python"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

from whencode_trainer import checkpoint  # noqa: E402
from whencode_trainer.architecture import read_architecture  # noqa: E402
from whencode_trainer.data import TrainingSet  # noqa: E402
from whencode_trainer.job import read_job  # noqa: E402
from whencode_trainer.loop import train  # noqa: E402
from whencode_trainer.names import camel_case  # noqa: E402

torch.set_num_threads(1)
VOCABULARY, COT, CODE = 60, [7, 8], [9]
LLAMA = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": VOCABULARY, "hidden_size": 32,
    "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5, "rope_theta": 1000.0, "hidden_act": "silu", "tie_word_embeddings": True,
    "max_position_embeddings": 64,
}  # fmt: skip
QWEN = LLAMA | {
    "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "tie_word_embeddings": False,
    "use_sliding_window": False,
}  # fmt: skip
MISTRAL = LLAMA | {
    "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": None,
    "rope_parameters": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.5},
}  # fmt: skip
QWEN3 = LLAMA | {
    "model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "head_dim": 16, "attention_bias": True,
    "rope_scaling": {"rope_type": "yarn", "rope_theta": 1000.0, "factor": 4.0, "original_max_position_embeddings": 16},
}  # fmt: skip
LLAMA3 = LLAMA | {
    "tie_word_embeddings": False, "original_max_position_embeddings": 16,
    "rope_parameters": {
        "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    },
}  # fmt: skip
DESCRIBE = Path(__file__).resolve().parents[2] / "support" / "describe-architecture.ts"
OPTIONS = {
    "objective": "policy-gradient", "decisionWeight": 2.0, "clip": 0.2, "temperature": 1.0, "epochs": 1,
    "batchSize": 4, "microBatchTokens": 4096, "precision": "fp32", "gradientCheckpointing": False, "threads": 1,
    "ratioTolerance": 0.02, "seed": 0,
}  # fmt: skip
OPTIMIZER = {
    "name": "adamw", "learningRate": 1e-3, "weightDecay": 0.0, "schedule": "constant", "warmupSteps": 0,
    "maxGradNorm": 1.0,
}  # fmt: skip


@functools.cache
def _describe(config):
    command = ["node", "--import", "tsx", DESCRIBE]
    return subprocess.run(command, input=config, capture_output=True, check=True, text=True, cwd=DESCRIBE.parent).stdout


def architecture_entry(config):
    """The job's entry, by the TypeScript side; all tensors in one file."""
    entry = json.loads(_describe(json.dumps(config)))
    return entry | {"files": {"model.safetensors": list(entry["tensors"])}}


def architecture(config):
    return read_architecture(architecture_entry(config))


def random_weights(config, seed=0):
    """Larger than an initialisation, so that every part of the model matters to its output."""
    generator = torch.Generator().manual_seed(seed)
    tensors = architecture(config).tensors
    return {name: torch.randn(shape, generator=generator) * 0.3 for name, shape in tensors.items()}


def write_checkpoint(folder, config=LLAMA, seed=0):
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    checkpoint.write_weights(folder, config, random_weights(config, seed))
    return folder


def rollouts(queries=8, samples=3, seed=0):
    """Per query a prompt; sequences with a forced prefix, a masked tool output in the middle, tails of all lengths."""
    random = np.random.default_rng(seed)
    prompts = [random.integers(0, VOCABULARY, random.integers(3, 9)).tolist() for _ in range(queries)]
    sequences, masks, owners = [], [], []
    for query, prompt in enumerate(prompts):
        for sample in range(samples):
            prefix = CODE if sample % 2 else COT
            tail = random.integers(0, VOCABULARY, random.integers(4, 24)).tolist()
            mask = [0] * (len(prompt) + len(prefix)) + [1] * len(tail)
            mask[-3] = 0
            sequences.append(prompt + prefix + tail)
            masks.append(mask)
            owners.append(query)
    return prompts, sequences, masks, owners


def training_set(prompts, sequences, masks, owners, behaviour=None, advantages=None, targets=None, pairs=()):
    def flat(lists, dtype):
        return np.array([value for entries in lists for value in entries], dtype=dtype)

    def offsets(lists):
        return np.cumsum([0] + [len(entries) for entries in lists]).astype(np.int32)

    targets = [(0.25, 0.75)] * len(prompts) if targets is None else targets
    return TrainingSet(
        ids=flat(sequences, np.int32), offsets=offsets(sequences), loss_mask=flat(masks, np.uint8),
        behaviour_log_probs=flat(behaviour or [[0.0] * len(s) for s in sequences], np.float32),
        advantages=np.array(advantages if advantages is not None else [1.0] * len(sequences), np.float32),
        queries=np.array(owners, np.int32), prompt_ids=flat(prompts, np.int32), prompt_offsets=offsets(prompts),
        targets=np.array([target or (0, 0) for target in targets], np.float32).reshape(-1, 2),
        has_target=np.array([target is not None for target in targets], np.uint8),
        prefix_ids=flat([COT, CODE], np.int32), prefix_offsets=offsets([COT, CODE]),
        pairs=np.array(pairs, np.int32).reshape(-1, 2),
    )  # fmt: skip


def write_set(path, data):
    save_file({camel_case(name): value for name, value in vars(data).items()}, path)
    return path


def reference_logits(folder, ids):
    """transformers' logits [T, V] of one sequence, unpacked: nothing of ours takes part."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return [model(torch.tensor([sequence])).logits[0].detach() for sequence in ids]


def behaviour_log_probs(folder, sequences, masks, temperature=1.0):
    """Log-probs as a sampler at this temperature would have recorded them."""
    found = []
    for sequence, mask, logits in zip(sequences, masks, reference_logits(folder, sequences), strict=True):
        log_prob = torch.log_softmax(logits.double() / temperature, -1)
        found.append([0.0] + [float(log_prob[at, token]) * mask[at + 1] for at, token in enumerate(sequence[1:])])
    return found


class Recorder:
    def __init__(self):
        self.events = []

    def emit(self, kind, **fields):
        self.events.append({"kind": kind, **fields})

    def of(self, kind):
        return [event for event in self.events if event["kind"] == kind]


class CutOff(Exception):
    """Ends a training in the middle."""


class Cutting(Recorder):
    """Ends the training after an update."""

    def __init__(self, update):
        super().__init__()
        self.update = update

    def emit(self, kind, **fields):
        super().emit(kind, **fields)
        if kind == "update" and fields["update"] == self.update:
            raise CutOff


def run_job(model, data, output, options=(), optimizer=(), job=(), recorder=None):
    """Runs a train job in this process; `data` is a path. Returns the recorder; raises what the job raises."""
    merged = OPTIONS | dict(options)
    config = json.loads((Path(model) / "config.json").read_text())
    job = dict(job) | {
        "kind": "train", "modelDirectory": str(model), "trainingSetFile": str(data), "outputDirectory": str(output),
        "device": "cpu", "architecture": architecture_entry(config), "options": {k: v for k, v in merged.items() if v is not None} | {"optimizer": OPTIMIZER | dict(optimizer)},
    }  # fmt: skip
    file = Path(str(output) + ".job.json")
    file.write_text(json.dumps(job))
    recorder = recorder or Recorder()
    train(read_job(file), recorder)
    return recorder


def scratch():
    return tempfile.TemporaryDirectory(prefix="whencode-trainer-")


class Trainings(unittest.TestCase):
    """Trainings of one model on one set, in folders below `root`; a class of tests names its options and optimizer."""

    options = {}
    optimizer = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.root = Path(cls.folder.name)
        cls.model = write_checkpoint(cls.root / "model", QWEN)
        parts = rollouts(queries=8)
        advantages = [1.0 if at % 2 else -1.0 for at in range(len(parts[1]))]
        behaviour = [[-4.0] * len(sequence) for sequence in parts[1]]
        cls.data = write_set(cls.root / "set", training_set(*parts, behaviour, advantages))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_with(cls, name, changes=(), optimizer=(), job=(), recorder=None):
        return run_job(cls.model, cls.data, cls.root / name, cls.options | dict(changes), cls.optimizer | dict(optimizer), job, recorder)

    def weights(self, name):
        return (self.root / name / "model.safetensors").read_bytes()
