"""Reads Hugging Face folders, and writes them atomically."""

import json
import os
import shutil
from functools import partial
from pathlib import Path

import torch

from . import decoder
from .group import Group
from .lora import attach, gather, initialise, merged, write_adapter
from .narrow import REMAINDER_FILE, exact, nearest, remainder
from .progress import Refusal
from .tensor_file import whole, write_tensors

# Soft-capped or scaled logits would make log-probabilities differ from the sampler's.
_LOGIT_CHANGES = ("final_logit_softcapping", "logits_scaling", "logit_scale")


def load_config(directory):
    path = Path(directory) / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"not a checkpoint folder: {error}", directory=str(directory)) from error
    changed = [name for name in _LOGIT_CHANGES if config.get(name) not in (None, 1, 1.0)]
    if changed:
        raise Refusal(f"the model changes its logits by {changed[0]}, which the trainer does not cover")
    return config


def load_model(directory, architecture):
    """fp32 master weights on the CPU; the optimizer moves them. Without an architecture transformers computes the
    model.
    """
    if architecture is None:
        from .transformers_model import TransformersModel

        return TransformersModel(directory)
    rests = _remainders(directory)

    def read(file, name):
        tensor = file.get_tensor(name)
        return exact(tensor, rests[name][:]) if name in rests else tensor.float()

    return decoder.Decoder(architecture, _read(directory, architecture, read))


def load_sharded_model(directory, architecture, group, options):
    """A decoder, maybe with adapters, of which each process of the group holds its shards, on the group's device."""
    from .shards import read_shards, shard

    model = decoder.Decoder(architecture)
    if options.lora is not None:
        attach(model, options.lora, options.precision)
    model = shard(model, group, options.precision, bool(options.offload))
    read_shards(model, rows_of(directory, architecture))
    return model


def load_adapted_model(directory, architecture, options, device):
    """A decoder with adapters, on the device."""
    model = load_model(directory, architecture)
    attach(model, options.lora, options.precision)
    initialise(model, options.seed, device)
    return model.to(device)


def rows_of(directory, architecture):
    """For each name a function that reads rows `first` to `end` of the tensor, all without them, in fp32."""
    slices = _read(directory, architecture, lambda file, name: file.get_slice(name))
    rests = _remainders(directory)

    def read(name, first=None, end=None):
        rows = slices[name][first:end]
        return exact(rows, rests[name][first:end]) if name in rests else rows.float()

    return {name: partial(read, name) for name in slices}


def _remainders(directory):
    """What bf16 left out of the weights that a training wrote, by name; nothing beside weights from elsewhere."""
    from safetensors import SafetensorError, safe_open

    path = Path(directory) / REMAINDER_FILE
    if not path.exists():
        return {}
    try:
        with safe_open(path, framework="pt") as opened:
            return {name: opened.get_slice(name) for name in opened.keys()}
    except (SafetensorError, OSError) as error:
        raise Refusal(f"{REMAINDER_FILE} can't be read: {error}; was it cut short while copying?") from error


def _narrow_weights(directory, architecture):
    """Names of the weights that the folder has in bf16."""
    types = _read(directory, architecture, lambda file, name: file.get_slice(name).get_dtype())
    return {name for name, kind in types.items() if kind == "BF16"}


def _read(directory, architecture, read):
    """What `read(file, name)` finds of each tensor of the architecture, by name."""
    from safetensors import SafetensorError, safe_open

    found = {}
    for file, names in architecture.files.items():
        try:
            with safe_open(Path(directory) / file, framework="pt") as opened:
                found |= {name: read(opened, name) for name in opened.keys() if name in set(names)}
        except (SafetensorError, OSError) as error:
            raise Refusal(f"{file} can't be read: {error}; was it cut short while copying?") from error
    return found


def publish(output_directory, write, group=Group()):
    """Calls `write(folder)` with a temporary folder, in every process of the group; flushes it to disk and renames it."""
    output = Path(output_directory)
    temporary = output.with_name(f".{output.name}.partial-{group.of_first(os.getpid())}")
    if group.rank == 0:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
    group.wait()
    try:
        write(temporary)
        if group.rank == 0:
            for file in temporary.rglob("*"):
                if file.is_file():
                    with open(file, "rb") as handle:
                        os.fsync(handle.fileno())
            temporary.rename(output)
    finally:
        if group.rank == 0:
            shutil.rmtree(temporary, ignore_errors=True)


def write_model(folder, source, config, model, weights, lora=None, group=Group()):
    """Writes the weights and copies the other files. Weights are bf16 where those of the source are, with what that leaves
    out in a file of its own (narrow.py), else fp32.

    weights: those that learn, in fp32. Adapters are added to the weights, and are in a folder of their own besides: transformers would add those next to
    the weights once more.
    """
    if group.rank == 0:
        copy_other_files(source, folder)
    if isinstance(model, decoder.Decoder):
        # vLLM would ignore a stored head if the configuration ties it.
        written = config if model.architecture.tied_head else config | {"tie_word_embeddings": False}
        if lora is None:
            entries = partial(_entries, weights, group)
        else:
            adapters, rows = gather(model), rows_of(source, model.architecture)
            entries = partial(merged, adapters, lora, model.architecture, lambda name: rows[name](), group)
            write_adapter(folder / "adapter", adapters, lora, group)
        _write_entries(folder, written, entries, group, _narrow_weights(source, model.architecture))
    else:
        model.module.save_pretrained(folder)


def _entries(weights, group):
    """Of each weight what this process writes: all of it, or its shard."""
    if group.size == 1:
        return {name: whole(tensor) for name, tensor in weights.items()}
    from .shards import entry_of

    return {name: entry_of(tensor) for name, tensor in weights.items()}


def write_weights(folder, config, weights):
    _write_entries(folder, config, lambda: {name: whole(tensor) for name, tensor in weights.items()}, Group())


def _write_entries(folder, config, entries, group, narrow=frozenset()):
    """entries: makes the entries; those of adapters can be read once. narrow: the names of those in bf16."""
    weights = {
        name: entry.encoded(nearest, torch.bfloat16) if name in narrow else entry for name, entry in entries().items()
    }
    write_tensors(folder / "model.safetensors", weights, {"format": "pt"}, group)
    if narrow:
        if group.rank == 0:
            (folder / REMAINDER_FILE).parent.mkdir()
        rests = {name: entry.encoded(remainder, torch.int16) for name, entry in entries().items() if name in narrow}
        write_tensors(folder / REMAINDER_FILE, rests, {"format": "pt"}, group)
    if group.rank != 0:
        return
    kind = "bfloat16" if narrow else "float32"
    written = {key: value for key, value in config.items() if key != "torch_dtype"} | {"dtype": kind}
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def copy_other_files(source, folder):
    """Copies tokenizer, chat template and generation settings: all files but weights and config."""
    for file in sorted(Path(source).iterdir()):
        is_weights = file.suffix in (".safetensors", ".bin", ".onnx", ".pt", ".pth") or file.name.endswith(".index.json")
        is_left_out = is_weights or file.name in ("config.json", "adapter_config.json") or file.name.startswith(".")
        if file.is_file() and not is_left_out:
            shutil.copyfile(file, folder / file.name)
