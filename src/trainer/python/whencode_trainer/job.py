"""The job file: read and validated before anything heavy is imported."""

import json
import math
from dataclasses import dataclass, fields
from pathlib import Path

from .architecture import Architecture, read_architecture
from .names import camel_case, snake_case
from .objectives.table import OBJECTIVES
from .progress import Refusal


AUTO = "auto"
LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Optimizer:
    name: str
    learning_rate: float
    weight_decay: float
    schedule: str
    warmup_steps: int
    max_grad_norm: float
    muon_learning_rate: float | None = None


@dataclass(frozen=True)
class DecisionWeight:
    share: float
    max: float


@dataclass(frozen=True)
class Reject:
    geometric_mean: tuple[float, float]


@dataclass(frozen=True)
class Ratio:
    mode: str
    objective: str
    truncate: float | None = None
    reject: Reject | None = None
    dual_clip: float | None = None


@dataclass(frozen=True)
class Lora:
    rank: int
    alpha: float
    targets: list[str]


@dataclass(frozen=True)
class Options:
    """Fields as in `trainOptionsSchema` of src/trainer/job.ts, which documents them; a test compares the two."""

    objective: str
    decision_weight: float | DecisionWeight
    clip: float | tuple[float, float]
    temperature: float
    epochs: int
    micro_batch_tokens: int | str
    optimizer: Optimizer
    precision: str
    gradient_checkpointing: bool
    seed: int
    batch_size: int | None = None
    batch_tokens: int | None = None
    max_updates: int | None = None
    threads: int | None = None
    ratio_tolerance: float | None = None
    ratio: Ratio | None = None
    kl_weight: float | None = None
    preference_beta: float | None = None
    target_kl: float | None = None
    aggregation: str | None = None
    gpus: int | None = None
    lora: Lora | None = None
    offload: bool | None = None

    @property
    def has_probe(self):
        return OBJECTIVES[self.objective].reads_log_probs and self.ratio_tolerance is not None

    @property
    def has_decisions(self):
        return self.decision_weight != 0


@dataclass(frozen=True)
class Save:
    directory: Path
    every_seconds: float


@dataclass(frozen=True)
class PassMemory:
    """A length of a pass, and the memory that has to be free for it."""

    tokens: int
    gpu_bytes: float
    host_bytes: float


@dataclass(frozen=True)
class TrainJob:
    model_directory: Path
    training_set_file: Path
    output_directory: Path
    options: Options
    device: str
    save: Save | None = None
    resume_from: Path | None = None
    # The KL anchor holds the policy to this model in place of the one that sampled.
    reference_directory: Path | None = None
    # For `micro_batch_tokens` auto: the shortest first.
    pass_memory: tuple[PassMemory, ...] | None = None
    # Absent: transformers computes the model.
    architecture: Architecture | None = None


@dataclass(frozen=True)
class ProbeJob:
    model_directory: Path
    training_set_file: Path
    options: Options
    device: str
    # Absent: transformers computes the model.
    architecture: Architecture | None = None


@dataclass(frozen=True)
class CreateModelJob:
    config: dict
    architecture: Architecture
    tokenizer_directory: Path
    output_directory: Path
    seed: int


def read_job(path):
    """Returns a TrainJob, ProbeJob or CreateModelJob; refuses an invalid job before a model is loaded."""
    try:
        job = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"the job file can't be read: {error}", file=str(path)) from error
    kind = job.get("kind") if isinstance(job, dict) else None
    if kind == "train":
        return _train_job(job)
    if kind == "probe":
        reading = _reading(job)
        _check(reading["options"].micro_batch_tokens != AUTO, "a probe needs microBatchTokens as a number")
        return ProbeJob(**reading)
    if kind == "create-model":
        _existing(job, "tokenizerDirectory")
        _check(isinstance(job.get("config"), dict), "config must be the content of a config.json")
        architecture = read_architecture(job.get("architecture"))
        _check(architecture is not None, "architecture is missing: only models that the own decoder computes can be made")
        return CreateModelJob(job["config"], architecture, Path(job["tokenizerDirectory"]), _free(job), int(job["seed"]))
    raise Refusal(f"unknown kind of job {kind!r}; allowed are 'train', 'probe' and 'create-model'")


def _train_job(job):
    reading = _reading(job)
    lengths = job.get("passMemory")
    _check(lengths is None or isinstance(lengths, list) and lengths, "passMemory must be a list that is not empty")
    _check(lengths or reading["options"].micro_batch_tokens != AUTO, "microBatchTokens auto needs passMemory")
    return TrainJob(
        **reading,
        pass_memory=lengths and tuple(PassMemory(**_known(PassMemory, "passMemory", length)) for length in lengths),
        output_directory=_free(job),
        save=_save(job.get("save")),
        reference_directory=_reference(job),
        resume_from=None if job.get("resumeFrom") is None else Path(job["resumeFrom"]),
    )


def _reference(job):
    if job.get("referenceDirectory") is None:
        return None
    _existing(job, "referenceDirectory")
    options = job.get("options") or {}
    _check(bool(options.get("klWeight")), "referenceDirectory is for the KL anchor: set options.klWeight, or leave it out")
    _check((options.get("gpus") or 1) == 1, "referenceDirectory is read by one process: set gpus to 1")
    _check(options.get("lora") is None, "referenceDirectory is for all weights: leave it out with lora")
    _check(not options.get("offload"), "referenceDirectory needs all weights on the device: leave out offload")
    return Path(job["referenceDirectory"])


def _reading(job):
    """What a job reads: model, sequences and options."""
    _existing(job, "modelDirectory")
    _existing(job, "trainingSetFile")
    device = job.get("device", "auto")
    _choice("device", device, ("auto", "cpu", "cuda"))
    return {
        "model_directory": Path(job["modelDirectory"]),
        "training_set_file": Path(job["trainingSetFile"]),
        "options": read_options(job.get("options")),
        "device": device,
        "architecture": read_architecture(job.get("architecture")),
    }


def read_options(entry):
    """The job's `options`; refuses unknown, missing or out-of-range ones."""
    values = _known(Options, "options", entry)
    values["optimizer"] = Optimizer(**_known(Optimizer, "options.optimizer", values["optimizer"]))
    if isinstance(values["decision_weight"], dict):
        values["decision_weight"] = _decision_weight(values["decision_weight"])
    if "ratio" in values:
        values["ratio"] = _ratio(values["ratio"])
    if "lora" in values:
        values["lora"] = _lora(values["lora"])
    options = Options(**values)
    _check_options(options)
    return options


def _decision_weight(entry):
    weight = DecisionWeight(**_known(DecisionWeight, "options.decisionWeight", entry))
    _check(_is_number(weight.share) and 0 < weight.share < 1, f"decisionWeight.share must be between 0 and 1, not {weight.share!r}")
    _check(_is_number(weight.max) and weight.max > 0, f"decisionWeight.max must be above 0, not {weight.max!r}")
    return weight


def _lora(entry):
    lora = Lora(**_known(Lora, "options.lora", entry))
    _each(lora, ("rank",), "a whole number from 1", lambda value: _is_whole(value) and value >= 1, "lora.")
    _each(lora, ("alpha",), "above 0", lambda value: _is_number(value) and value > 0, "lora.")
    holds = isinstance(lora.targets, list) and len(lora.targets) > 0 and all(target in LORA_TARGETS for target in lora.targets)
    _check(holds, f"lora.targets must name some of {', '.join(LORA_TARGETS)}, not {lora.targets!r}")
    return lora


def _ratio(entry):
    values = _known(Ratio, "options.ratio", entry)
    if "reject" in values:
        values["reject"] = Reject(**_known(Reject, "options.ratio.reject", values["reject"]))
    ratio = Ratio(**values)
    _choice("ratio.mode", ratio.mode, ("direct", "decoupled"))
    _choice("ratio.objective", ratio.objective, ("ppo", "clip-only"))
    _each(ratio, ("truncate",), "above 0", lambda value: _is_number(value) and value > 0, "ratio.")
    _each(ratio, ("dual_clip",), "above 1", lambda value: _is_number(value) and value > 1, "ratio.")
    if ratio.reject is not None:
        bounds = ratio.reject.geometric_mean
        holds = _is_pair(bounds) and 0 < bounds[0] < 1 < bounds[1]
        _check(holds, f"ratio.reject.geometricMean must be [below 1, above 1], not {bounds!r}")
    _check(ratio.mode == "decoupled" or ratio.truncate is None, "ratio.truncate needs mode decoupled: direct clips the whole ratio already")
    _check(ratio.mode == "decoupled" or ratio.reject is None, "ratio.reject needs mode decoupled, which computes log π_old")
    _check(ratio.objective == "ppo" or ratio.dual_clip is None, "ratio.dualClip needs objective ppo: clip-only is bounded on both sides")
    return ratio


def _save(save):
    if save is None:
        return None
    values = _known(Save, "save", save)
    _existing(save, "directory")
    every = values["every_seconds"]
    _check(_is_number(every) and every >= 0, f"save.everySeconds must be 0 or more, not {every!r}")
    return Save(Path(values["directory"]), every)


def _check_options(options):
    optimizer = options.optimizer
    _choice("objective", options.objective, tuple(OBJECTIVES))
    _choice("precision", options.precision, ("fp32", "bf16"))
    _choice("optimizer.name", optimizer.name, ("adamw", "adamw-8bit", "muon"))
    _choice("optimizer.schedule", optimizer.schedule, ("constant", "cosine"))
    flag = options.gradient_checkpointing
    _check(isinstance(flag, bool), f"gradientCheckpointing must be true or false, not {flag!r}")
    tokens = options.micro_batch_tokens
    _check(tokens == AUTO or _is_whole(tokens) and tokens >= 1, f"microBatchTokens must be a whole number from 1, or auto, not {tokens!r}")
    counts = ("epochs", "batch_size", "batch_tokens", "max_updates", "threads", "gpus")
    _each(options, counts, "a whole number from 1", lambda value: _is_whole(value) and value >= 1)
    _each(options, ("seed",), "a whole number from 0", lambda value: _is_whole(value) and value >= 0)
    above_zero = ("temperature", "ratio_tolerance", "target_kl", "preference_beta")
    _each(options, above_zero, "above 0", lambda value: _is_number(value) and value > 0)
    _each(options, ("kl_weight",), "0 or more", lambda value: _is_number(value) and value >= 0)
    weight, clip = options.decision_weight, options.clip
    holds = isinstance(weight, DecisionWeight) or (_is_number(weight) and weight >= 0)
    _check(holds, f"decisionWeight must be 0 or more, or share and max, not {weight!r}")
    holds = all(value >= 0 for value in clip) if _is_pair(clip) else _is_number(clip) and clip >= 0
    _check(holds, f"clip must be 0 or more, or [low, high], not {clip!r}")
    if options.aggregation is not None:
        _choice("aggregation", options.aggregation, ("token-mean", "sequence-mean", "arm-balanced"))
    kind = OBJECTIVES[options.objective]
    for name in sorted({name for other in OBJECTIVES.values() for name in other.takes} - set(kind.takes)):
        owners = " or ".join(objective for objective, other in OBJECTIVES.items() if name in other.takes)
        _check(getattr(options, name) is None, f"{camel_case(name)} needs the objective {owners}")
    if options.objective == "preference" and options.ratio is not None:
        for name in ("truncate", "reject", "dual_clip"):
            _check(getattr(options.ratio, name) is None, f"ratio.{camel_case(name)} needs the objective policy-gradient")
    for name in kind.needs:
        _check(getattr(options, name) is not None, f"{camel_case(name)} is missing: the objective {options.objective} needs it")
    rates = ("learning_rate", "weight_decay")
    _each(optimizer, rates, "0 or more", lambda value: _is_number(value) and value >= 0, "optimizer.")
    limits = ("muon_learning_rate", "max_grad_norm")
    _each(optimizer, limits, "above 0", lambda value: _is_number(value) and value > 0, "optimizer.")
    steps = ("warmup_steps",)
    _each(optimizer, steps, "a whole number from 0", lambda value: _is_whole(value) and value >= 0, "optimizer.")
    _check(
        (options.batch_size is None) != (options.batch_tokens is None),
        "exactly one of batchSize and batchTokens must be given",
    )
    _check(
        optimizer.name != "muon" or optimizer.muon_learning_rate is not None,
        "optimizer.muonLearningRate is missing: Muon needs its own learning rate",
    )
    _check(
        optimizer.name != "muon" or options.lora is None,
        "optimizer.name: muon is for whole matrices: with lora use adamw",
    )
    _check(options.offload in (None, True, False), f"offload must be true or false, not {options.offload!r}")
    _check(
        not options.offload or options.lora is None,
        "offload is for all weights: adapters have little state; leave it out with lora",
    )
    _check(
        not options.offload or optimizer.name != "muon",
        "optimizer.name: muon multiplies matrices in its step, which a host is slow at: with offload use adamw",
    )
    _check(
        optimizer.name != "muon" or (options.gpus or 1) == 1,
        "optimizer.name: muon needs whole matrices: with train.gpus above 1 use adamw",
    )


def _each(values, names, wanted, holds, where=""):
    """Validates the named fields; an optional one may be absent."""
    for name in names:
        value = getattr(values, name)
        _check(value is None or holds(value), f"{where}{camel_case(name)} must be {wanted}, not {value!r}")


def _is_whole(value):
    # True is an int in Python.
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_pair(value):
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _known(kind, where, entry):
    """Renames the entry's fields to those of the dataclass."""
    _check(isinstance(entry, dict), f"{where} is missing")
    names = {camel_case(field.name) for field in fields(kind)}
    unknown = sorted(set(entry) - names)
    _check(not unknown, f"{where} has unknown fields {', '.join(unknown)}; allowed are {', '.join(sorted(names))}")
    required = [camel_case(field.name) for field in fields(kind) if field.default is not None]
    missing = [name for name in required if entry.get(name) is None]
    _check(not missing, f"{where} lacks {', '.join(missing)}")
    empty = sorted(name for name, value in entry.items() if value is None)
    _check(not empty, f"{where} has no value for {', '.join(empty)}; leave an optional field out")
    return {snake_case(name): value for name, value in entry.items()}


def _choice(name, value, allowed):
    _check(value in allowed, f"{name} is {value!r}; allowed are {', '.join(allowed)}")


def _existing(job, name):
    value = job.get(name)
    _check(isinstance(value, str) and Path(value).exists(), f"{name} does not exist: {value!r}")


def _free(job):
    value = job.get("outputDirectory")
    _check(isinstance(value, str) and value != "", "outputDirectory is missing")
    _check(not Path(value).exists(), f"outputDirectory exists already: {value}; a result is never overwritten")
    return Path(value)


def _check(holds, reason):
    if not holds:
        raise Refusal(f"the job can't be run: {reason}")
