"""The table of objectives, without torch: a job is checked before that is imported. One file per objective."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Kind:
    """`file` of this folder has the class `Loss`. takes: options that objectives without them refuse. needs: which of all
    options must be given. reads_log_probs: the loss compares with the behaviour log-probs, so a probe makes sense.
    """

    file: str
    takes: tuple = ()
    needs: tuple = ()
    reads_log_probs: bool = True


OBJECTIVES = {
    "policy-gradient": Kind("policy_gradient", takes=("ratio", "kl_weight", "target_kl"), needs=("ratio_tolerance",)),
    "cross-entropy": Kind("cross_entropy", reads_log_probs=False),
    "preference": Kind("preference", takes=("ratio", "preference_beta"), needs=("preference_beta",)),
}


def loss_class(name):
    return import_module(f".{OBJECTIVES[name].file}", __package__).Loss
