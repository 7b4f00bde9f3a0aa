"""The weights of the tokens of an update in the mean that the loss is."""

import numpy as np


class Aggregation:
    """`token-mean`, `sequence-mean` (of each sequence's token mean), or `arm-balanced` (of each arm's token mean)."""

    def __init__(self, kind, data):
        groups = {"sequence-mean": lambda: np.arange(data.sequence_count), "arm-balanced": lambda: arms_of(data)}
        self._group = groups.get(kind, lambda: np.zeros(data.sequence_count, np.int64))()

    def weights(self, sequences, counted):
        """[M] float32 weights that sum to 1, 0 where not counted. sequences [M]: each token's; counted [M]: bool."""
        groups = self._group[sequences]
        sizes = np.bincount(groups[counted], minlength=self._group.max(initial=0) + 1)
        return (counted / (max(1, np.count_nonzero(sizes)) * np.maximum(sizes, 1)[groups])).astype(np.float32)


def arms_of(data):
    """The arm of each sequence: 0 or 1 where it starts with a forced prefix, 2 for an auto rollout."""
    arms = np.full(data.sequence_count, 2)
    for sequence in range(data.sequence_count):
        start = int(data.offsets[sequence]) + len(data.prompt(data.queries[sequence]))
        end = int(data.offsets[sequence + 1])
        for arm in (0, 1):
            place = slice(start, start + len(data.prefix(arm)))
            # In an auto rollout the model wrote the prefix, so its tokens carry loss.
            is_forced = start < place.stop <= end and not data.loss_mask[place].any()
            if is_forced and np.array_equal(data.ids[place], data.prefix(arm)):
                arms[sequence] = arm
    return arms
