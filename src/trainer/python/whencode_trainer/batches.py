"""Which queries an update takes, how it is cut into passes, and how a pass is packed.

A pass is packed as a trie: tokens that share all their predecessors (a prompt of many rollouts, a system prompt)
are computed once in every layer but the attention. See `Packed`.
"""

from dataclasses import dataclass, field

import numpy as np

MAX_PADDING_TOKENS = 4096


@dataclass
class Pass:
    """Sequences of one forward pass, and the queries whose decision loss is computed in it."""

    sequences: list = field(default_factory=list)
    decisions: list = field(default_factory=list)
    tokens: int = 0


@dataclass(frozen=True)
class Packed:
    """Arrays of one pass.

    ids, positions: [T] distinct tokens. buckets: matrices [B, L] of rows in 0..T-1, one path a line, padded with 0
    at the right, where causal attention doesn't look. attended: [T] for each row its place in the buckets laid end
    to end. rows/targets: [M] the row whose hidden state predicts the token; tokens: [M] index into the set's flat
    arrays, sequences: [M]. decision_*: [D] likewise, one line a prefix token, with query and arm.
    """

    ids: np.ndarray
    positions: np.ndarray
    buckets: list
    attended: np.ndarray
    rows: np.ndarray
    targets: np.ndarray
    tokens: np.ndarray
    sequences: np.ndarray
    decision_rows: np.ndarray
    decision_targets: np.ndarray
    decision_queries: np.ndarray
    decision_arms: np.ndarray


def plan_updates(data, options):
    """All updates of the run as lists of query numbers: one seeded permutation per epoch, without skip or repeat."""
    with_decision = (data.has_target == 1) & (options.decision_weight > 0)
    lengths = np.bincount(data.queries, np.diff(data.offsets), data.query_count).astype(np.int64)
    useful = np.flatnonzero((lengths > 0) | with_decision)
    updates = []
    for epoch in range(options.epochs):
        update, tokens = [], 0
        for query in np.random.default_rng([options.seed, epoch]).permutation(useful).tolist():
            cost = int(lengths[query]) or len(data.prompt(query)) + 1
            if options.batch_size is not None:
                full = len(update) >= options.batch_size
            else:
                full = update and tokens + cost > options.batch_tokens
            if full:
                updates.append(update)
                update, tokens = [], 0
            update.append(query)
            tokens += cost
        if update:
            updates.append(update)
    return updates[: options.max_updates]


def epochs_of(updates):
    """The epoch of each update, counted from 1: each query occurs once per epoch."""
    queries, epochs, seen = len(set().union(*updates)), [], 0
    for update in updates:
        epochs.append(seen // queries + 1)
        seen += len(update)
    return epochs


def plan_passes(data, update, by_query, micro_batch_tokens, with_decisions):
    """Cuts an update into passes of at most `micro_batch_tokens` (a longer sequence gets a pass of its own)."""
    passes = [Pass()]

    def room(cost):
        if passes[-1].tokens and passes[-1].tokens + cost > micro_batch_tokens:
            passes.append(Pass())
        passes[-1].tokens += cost
        return passes[-1]

    for query in update:
        decides = with_decisions and data.has_target[query]
        sequences = by_query.get(query, [])
        for sequence in sequences:
            target = room(int(data.offsets[sequence + 1] - data.offsets[sequence]))
            target.sequences.append(sequence)
            if decides:
                target.decisions.append(query)
                decides = False
        if decides:
            room(len(data.prompt(query)) + 1).decisions.append(query)
    return passes


def group_by_query(data):
    groups = {}
    for sequence, query in enumerate(data.queries.tolist()):
        groups.setdefault(query, []).append(sequence)
    return groups


def pack(data, one_pass):
    """Packs a pass; costs about a microsecond a token."""
    trie = _Trie()
    rows, targets, tokens, sequences = [], [], [], []
    for sequence in one_pass.sequences:
        start, end = int(data.offsets[sequence]), int(data.offsets[sequence + 1])
        path = trie.add(data.ids[start:end].tolist())
        learnt = np.flatnonzero(data.loss_mask[start:end])
        rows.append(path[learnt - 1])
        targets.append(data.ids[start:end][learnt])
        tokens.append(start + learnt)
        sequences.append(np.full(len(learnt), sequence))
    decision = []
    for query in one_pass.decisions:
        prompt = data.prompt(query).tolist()
        for arm in (0, 1):
            prefix = data.prefix(arm).tolist()
            path = trie.add(prompt + prefix[:-1])
            decision += [(path[len(prompt) - 1 + at], token, query, arm) for at, token in enumerate(prefix)]
    columns = np.array(decision, dtype=np.int64).reshape(-1, 4).T
    buckets, attended = trie.layout()
    return Packed(
        np.array(trie.ids), np.array(trie.depths), buckets, attended,
        _join(rows), _join(targets), _join(tokens), _join(sequences), *columns,
    )  # fmt: skip


class _Trie:
    def __init__(self):
        self.ids, self.depths, self.owners, self.paths = [], [], [], []
        self._children = {}

    def add(self, ids):
        """Returns the rows of the path as an array; only a path with new rows takes part in the attention."""
        row, path, known = -1, [], len(self.ids)
        for depth, token in enumerate(ids):
            key = (row, token)
            row = self._children.get(key, -1)
            if row < 0:
                row = self._children[key] = len(self.ids)
                self.ids.append(token)
                self.depths.append(depth)
                self.owners.append(len(self.paths))
            path.append(row)
        path = np.array(path)
        if len(self.ids) > known:
            self.paths.append(path)
        return path

    def layout(self):
        """Groups paths of similar length, so that no bucket needs much padding."""
        order = sorted(range(len(self.paths)), key=lambda at: -len(self.paths[at]))
        starts, buckets, base, bucket, padding = np.zeros(len(order), np.int64), [], 0, [], 0
        for at in order:
            length, longest = len(self.paths[at]), len(self.paths[bucket[0]]) if bucket else 0
            if bucket and padding + longest - length > max(MAX_PADDING_TOKENS, longest * len(bucket) // 4):
                buckets.append(self._matrix(bucket))
                base += buckets[-1].size
                bucket, padding, longest = [], 0, length
            longest = longest or length
            starts[at] = base + len(bucket) * longest
            padding += longest - length
            bucket.append(at)
        if bucket:
            buckets.append(self._matrix(bucket))
        return buckets, starts[np.array(self.owners, np.int64)] + np.array(self.depths, np.int64)

    def _matrix(self, bucket):
        matrix = np.zeros((len(bucket), len(self.paths[bucket[0]])), np.int64)
        for line, at in enumerate(bucket):
            matrix[line, : len(self.paths[at])] = self.paths[at]
        return matrix


def _join(parts):
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
