"""Reads and checks a training set (format: src/trainer/training-set.ts)."""

import json
import mmap
from dataclasses import dataclass, field

import numpy as np
from safetensors import SafetensorError, safe_open

from .names import snake_case
from .progress import Refusal

_TENSORS = {
    "ids": "int32", "offsets": "int32", "lossMask": "uint8", "behaviourLogProbs": "float32",
    "advantages": "float32", "queries": "int32", "promptIds": "int32", "promptOffsets": "int32",
    "targets": "float32", "hasTarget": "uint8", "prefixIds": "int32", "prefixOffsets": "int32",
}  # fmt: skip
_DTYPES = {"I32": "<i4", "F32": "<f4", "U8": "u1"}


@dataclass(frozen=True)
class TrainingSet:
    """Flat arrays, views into the file; sequence s is ids[offsets[s]:offsets[s+1]], query q's prompt likewise."""

    ids: np.ndarray
    offsets: np.ndarray
    loss_mask: np.ndarray
    behaviour_log_probs: np.ndarray
    advantages: np.ndarray
    queries: np.ndarray
    prompt_ids: np.ndarray
    prompt_offsets: np.ndarray
    targets: np.ndarray
    has_target: np.ndarray
    prefix_ids: np.ndarray
    prefix_offsets: np.ndarray
    # [P, 2] numbers of sequences: the right one and the wrong one of a pair.
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int32))

    @property
    def sequence_count(self):
        return len(self.offsets) - 1

    @property
    def query_count(self):
        return len(self.prompt_offsets) - 1

    def prompt(self, query):
        return self.prompt_ids[self.prompt_offsets[query] : self.prompt_offsets[query + 1]]

    def prefix(self, arm):
        return self.prefix_ids[self.prefix_offsets[arm] : self.prefix_offsets[arm + 1]]


def read_training_set(path, vocabulary, context):
    """Refuses a torn or invalid set, and one whose tokens or lengths exceed the model's."""
    try:
        tensors = _map_tensors(path)
    except (SafetensorError, OSError) as error:
        raise Refusal(f"not a training set: {error}; was it cut short while copying?", file=str(path)) from error
    for name, dtype in (_TENSORS | ({"pairs": "int32"} if "pairs" in tensors else {})).items():
        if name not in tensors or tensors[name].dtype != dtype:
            found = tensors[name].dtype if name in tensors else "nothing"
            raise Refusal(f"not a training set: tensor {name} of {dtype} is wanted, found {found}", file=str(path))
    pairs = {} if "pairs" not in tensors else {"pairs": tensors["pairs"]}
    data = TrainingSet(**{snake_case(name): tensors[name] for name in _TENSORS}, **pairs)
    for problem in _problems(data, vocabulary, context):
        raise Refusal(f"the training set is wrong: {problem}", file=str(path))
    return data


def _map_tensors(path):
    """The tensors of a safetensors file as views into the mapped file: an iteration's set may be larger than memory."""
    with safe_open(path, framework="np"), open(path, "rb") as file:  # safe_open checks header and length
        start = 8 + int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(start - 8))
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    tensors = {}
    for name in header.keys() - {"__metadata__"}:
        place = header[name]
        dtype = np.dtype(_DTYPES.get(place["dtype"], "V1"))
        begin, end = place["data_offsets"]
        flat = np.frombuffer(mapped, dtype, (end - begin) // dtype.itemsize, start + begin)
        tensors[name] = flat.reshape(place["shape"]) if dtype.kind != "V" else flat
    return tensors


def _is_finite(values):
    """Without an array of the values' length: not-a-number comes out of min and max."""
    return len(values) == 0 or bool(np.isfinite(values.min()) and np.isfinite(values.max()))


def _problems(data, vocabulary, context):
    """Yields the defects in order. Later checks rely on the earlier ones."""
    tokens, sequences, queries = len(data.ids), data.sequence_count, data.query_count
    for name, offsets, total in (
        ("offsets", data.offsets, tokens),
        ("promptOffsets", data.prompt_offsets, len(data.prompt_ids)),
        ("prefixOffsets", data.prefix_offsets, len(data.prefix_ids)),
    ):
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != total or (np.diff(offsets) < 0).any():
            yield f"{name} must rise from 0 to {total}"
    if len(data.prefix_offsets) != 3:
        yield "prefixOffsets must name two prefixes"
    for name, length in (
        ("lossMask", tokens), ("behaviourLogProbs", tokens), ("advantages", sequences),
        ("queries", sequences), ("hasTarget", queries), ("targets", queries),
    ):  # fmt: skip
        if len(getattr(data, snake_case(name))) != length:
            yield f"{name} has {len(getattr(data, snake_case(name)))} entries, {length} are needed"
    if data.targets.shape != (queries, 2):
        yield f"targets has shape {data.targets.shape}, wanted {(queries, 2)}"
    if data.loss_mask.max(initial=0) > 1 or data.has_target.max(initial=0) > 1:
        yield "masks may hold 0 and 1 only"
    if sequences and ((data.queries < 0).any() or (data.queries >= queries).any()):
        yield f"queries must lie in 0..{queries - 1}"
    for name in ("behaviourLogProbs", "advantages", "targets"):
        if not _is_finite(getattr(data, snake_case(name))):
            yield f"{name} has values that are not finite"
    if data.behaviour_log_probs.max(initial=0) > 1e-3:
        yield "behaviourLogProbs has values above 0: these are no log-probabilities"
    chosen = data.targets[data.has_target == 1]
    if (chosen < 0).any() or (np.abs(chosen.sum(1) - 1) > 1e-4).any():
        yield "a target must be two shares that sum to 1"
    lengths, prompts = np.diff(data.offsets), np.diff(data.prompt_offsets)
    if sequences and (lengths < 2).any():
        yield f"sequence {int(np.argmax(lengths < 2))} has fewer than 2 tokens"
    if sequences and data.loss_mask[data.offsets[:-1]].any():
        yield "the first token of a sequence can't be learnt from: nothing precedes it"
    if sequences:
        learnt = np.add.reduceat(data.loss_mask, data.offsets[:-1], dtype=np.int64)
        if (learnt == 0).any():
            yield f"sequence {int(np.argmax(learnt == 0))} has no token to learn from"
    if data.pairs.ndim != 2 or data.pairs.shape[1] != 2 or not ((data.pairs >= 0) & (data.pairs < sequences)).all():
        yield f"pairs must be [P, 2] numbers of the {sequences} sequences"
    if (data.queries[data.pairs[:, 0]] != data.queries[data.pairs[:, 1]]).any() or (data.pairs[:, 0] == data.pairs[:, 1]).any():
        yield "a pair must be two sequences of one query"
    if data.has_target.any():
        if min(len(data.prefix(0)), len(data.prefix(1))) == 0 or np.array_equal(data.prefix(0), data.prefix(1)):
            yield "decision targets need two different prefixes"
        if (prompts[data.has_target == 1] == 0).any():
            yield "a query with a decision target has no prompt"
    longest = max([0, *lengths, *(prompts + max(np.diff(data.prefix_offsets)))])
    if longest > context:
        yield f"its longest sequence has {longest} tokens, the model's context is {context}"
    for name in ("ids", "promptIds", "prefixIds"):
        values = getattr(data, snake_case(name))
        if len(values) and (values.min() < 0 or values.max() >= vocabulary):
            yield f"{name} has token {values.max()}, the model knows 0..{vocabulary - 1}: the tokenizer of another model?"
