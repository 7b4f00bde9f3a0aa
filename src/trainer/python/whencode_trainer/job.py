"""The job file: what to do, checked before anything heavy is imported."""

import json
import math
from dataclasses import dataclass, fields
from pathlib import Path

from .architecture import Architecture, read_architecture
from .progress import Refusal


@dataclass(frozen=True)
class Optimizer:
    name: str
    learningRate: float
    weightDecay: float
    schedule: str
    warmUpSteps: int
    gradientClip: float
    muonLearningRate: float | None = None


@dataclass(frozen=True)
class Options:
    """Fields as in `TrainOptions` of src/trainer/types.ts, which explains them."""

    objective: str
    decisionWeight: float
    clip: float
    temperature: float
    epochs: int
    tokensPerPass: int
    optimizer: Optimizer
    precision: str
    gradientCheckpointing: bool
    seed: int
    queriesPerUpdate: int | None = None
    tokensPerUpdate: int | None = None
    maxUpdates: int | None = None
    threads: int | None = None
    probeTolerance: float | None = None


@dataclass(frozen=True)
class Save:
    directory: Path
    everySeconds: float


@dataclass(frozen=True)
class TrainJob:
    modelDirectory: Path
    trainingSetFile: Path
    outputDirectory: Path
    options: Options
    device: str
    save: Save | None = None
    resumeFrom: Path | None = None
    # Absent: transformers computes the model.
    architecture: Architecture | None = None


@dataclass(frozen=True)
class CreateModelJob:
    config: dict
    architecture: Architecture
    tokenizerDirectory: Path
    outputDirectory: Path
    seed: int


def read_job(path):
    """Returns a TrainJob or CreateModelJob; refuses whatever doesn't fit before a model is touched."""
    try:
        job = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"the job file can't be read: {error}", file=str(path)) from error
    kind = job.get("kind") if isinstance(job, dict) else None
    if kind == "train":
        return _train_job(job)
    if kind == "create-model":
        _existing(job, "tokenizerDirectory")
        _check(isinstance(job.get("config"), dict), "config must be the content of a config.json")
        architecture = read_architecture(job.get("architecture"))
        _check(architecture is not None, "architecture is missing: only models that the own decoder computes can be made")
        return CreateModelJob(job["config"], architecture, Path(job["tokenizerDirectory"]), _free(job), int(job["seed"]))
    raise Refusal(f"unknown kind of job {kind!r}; allowed are 'train' and 'create-model'")


def _train_job(job):
    _existing(job, "modelDirectory")
    _existing(job, "trainingSetFile")
    device = job.get("device", "auto")
    _check(device in ("auto", "cpu", "cuda"), f"device {device!r}; allowed are auto, cpu, cuda")
    values = _known(Options, "options", job.get("options"))
    optimizer = Optimizer(**_known(Optimizer, "options.optimizer", values.pop("optimizer")))
    options = Options(optimizer=optimizer, **values)
    _check_options(options)
    resume_from = None if job.get("resumeFrom") is None else Path(job["resumeFrom"])
    places = Path(job["modelDirectory"]), Path(job["trainingSetFile"]), _free(job)
    architecture = read_architecture(job.get("architecture"))
    return TrainJob(*places, options, device, _save(job.get("save")), resume_from, architecture)


def _save(save):
    if save is None:
        return None
    values = _known(Save, "save", save)
    _existing(values, "directory")
    every = values["everySeconds"]
    _check(math.isfinite(every) and every >= 0, f"save.everySeconds must be 0 or more, not {every!r}")
    return Save(Path(values["directory"]), every)


def _check_options(options):
    optimizer = options.optimizer
    _choice("objective", options.objective, ("policy-gradient", "cross-entropy"))
    _choice("precision", options.precision, ("fp32", "bf16"))
    _choice("optimizer.name", optimizer.name, ("adamw", "muon"))
    _choice("optimizer.schedule", optimizer.schedule, ("constant", "cosine"))
    for name in ("epochs", "tokensPerPass", "queriesPerUpdate", "tokensPerUpdate", "maxUpdates", "threads"):
        value = getattr(options, name)
        _check(value is None or (isinstance(value, int) and value >= 1), f"{name} must be a whole number from 1, not {value!r}")
    for name in ("temperature", "probeTolerance"):
        value = getattr(options, name)
        _check(value is None or (math.isfinite(value) and value > 0), f"{name} must be above 0, not {value!r}")
    for name in ("decisionWeight", "clip"):
        value = getattr(options, name)
        _check(math.isfinite(value) and value >= 0, f"{name} must be 0 or more, not {value!r}")
    for name in ("learningRate", "muonLearningRate", "weightDecay", "warmUpSteps", "gradientClip"):
        value = getattr(optimizer, name)
        _check(value is None or (math.isfinite(value) and value >= 0), f"optimizer.{name} must be 0 or more, not {value!r}")
    _check(optimizer.gradientClip > 0, "optimizer.gradientClip must be above 0")
    _check(
        (options.queriesPerUpdate is None) != (options.tokensPerUpdate is None),
        "exactly one of queriesPerUpdate and tokensPerUpdate must be given",
    )
    _check(
        options.objective != "policy-gradient" or options.probeTolerance is not None,
        "probeTolerance is missing: policy-gradient never starts without its probe",
    )
    _check(
        optimizer.name != "muon" or optimizer.muonLearningRate is not None,
        "optimizer.muonLearningRate is missing: Muon needs its own learning rate",
    )


def _known(kind, where, values):
    _check(isinstance(values, dict), f"{where} is missing")
    names = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - names)
    _check(not unknown, f"{where} has unknown fields {', '.join(unknown)}; allowed are {', '.join(sorted(names))}")
    required = [field.name for field in fields(kind) if field.default is not None]
    missing = [name for name in required if name not in values]
    _check(not missing, f"{where} lacks {', '.join(missing)}")
    return dict(values)


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
