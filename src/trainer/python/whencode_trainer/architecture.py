"""The job's model as src/trainer/architecture.ts describes it, so that sampler and trainer compute the same model."""

from dataclasses import dataclass

from .progress import Refusal


@dataclass(frozen=True)
class Architecture:
    family: str
    layers: int
    head_size: int
    tied_head: bool
    norm_epsilon: float
    rope_theta: float
    rope_divisors: list[float]
    attention_factor: float
    # Shape by name; [out, in] for matrices.
    tensors: dict[str, list[int]]
    # Names of tensors by weight file.
    files: dict[str, list[str]]


def read_architecture(entry):
    """The job's architecture; None for a model that transformers computes."""
    if entry is None:
        return None
    try:
        rope = entry["rope"]
        return Architecture(
            family=entry["family"],
            layers=entry["layers"],
            head_size=entry["headDim"],
            tied_head=entry["tiedHead"],
            norm_epsilon=entry["rmsNormEpsilon"],
            rope_theta=rope["theta"],
            rope_divisors=rope["divisors"],
            attention_factor=rope["attentionFactor"],
            tensors=entry["tensors"],
            files=entry["files"],
        )
    except (KeyError, TypeError) as error:
        raise Refusal(f"the job can't be run: its architecture lacks {error}") from error
