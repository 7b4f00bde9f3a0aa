"""Which queries an update takes, how it is cut into passes, and how a pass is packed.

A pass is packed as a trie: tokens that share all their predecessors (a prompt of many rollouts, a system prompt)
are computed once in every layer but the attention. See `Packed`.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from .group import parts_for
from .objectives.table import loss_class

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
    to end. needed: [R] the rows whose hidden state predicts a token. rows/targets: [U] distinct pairs of a place in
    `needed` and the token that it predicts. pairs: [M] the pair of each learnt token, tokens: [M] index into the set's
    flat arrays, sequences: [M]. decision_*: [D] one line a prefix token: its place in `needed`, token, query and arm.
    """

    ids: np.ndarray
    positions: np.ndarray
    buckets: list
    attended: np.ndarray
    needed: np.ndarray
    rows: np.ndarray
    targets: np.ndarray
    pairs: np.ndarray
    tokens: np.ndarray
    sequences: np.ndarray
    decision_rows: np.ndarray
    decision_targets: np.ndarray
    decision_queries: np.ndarray
    decision_arms: np.ndarray


def plan_updates(data, options):
    """All updates of the run as lists of query numbers: one seeded permutation per epoch, without skip or repeat."""
    lengths = np.bincount(data.queries, np.diff(data.offsets), data.query_count).astype(np.int64)
    has_signal = np.bincount(data.queries[loss_class(options.objective).learns(data)], minlength=data.query_count) > 0
    has_signal |= (data.has_target == 1) & options.has_decisions
    anchors = np.flatnonzero(~has_signal & (lengths > 0))
    updates = []
    for epoch in range(options.epochs):
        random = np.random.default_rng([options.seed, epoch])
        order = random.permutation(np.flatnonzero(has_signal)).tolist()
        parts = _cut_by_tokens(data, lengths, order, options.batch_tokens) if options.batch_tokens else _cut(order, options.batch_size)
        # Queries that only the anchor reads add no update: they are dealt out to those that learn.
        dealt = np.array_split(random.permutation(anchors), max(1, len(parts)))
        updates += [part + more.tolist() for part, more in zip(parts, dealt)]
    return updates[: options.max_updates]


def _cut(order, size):
    """As few parts of at most `size` as possible; their sizes differ by at most one."""
    return [part.tolist() for part in np.array_split(order, math.ceil(len(order) / size))] if order else []


def _cut_by_tokens(data, lengths, order, limit):
    parts, tokens = [], 0
    for query in order:
        cost = int(lengths[query]) or len(data.prompt(query)) + 1
        if not parts or tokens + cost > limit:
            parts.append([])
            tokens = 0
        parts[-1].append(query)
        tokens += cost
    return parts


def epochs_of(updates):
    """The epoch of each update, counted from 1: each query occurs once per epoch."""
    queries, epochs, seen = len(set().union(*updates)), [], 0
    for update in updates:
        epochs.append(seen // queries + 1)
        seen += len(update)
    return epochs


def plan_passes(data, update, by_query, limit, processes=1):
    """Cuts an update's sequences into passes of at most `limit` tokens (a longer one gets a pass of its own).

    For several processes: into as many of about equal size as keep all of them busy.
    """
    lengths = np.diff(data.offsets).tolist()
    sequences = [sequence for query in update for sequence in by_query.get(query, [])]
    return _fill("sequences", [(sequence, lengths[sequence]) for sequence in sequences], limit, processes)


def plan_decision_passes(data, update, limit, processes=1):
    """Likewise for the update's decisions; both prefixes of a query are in one pass."""
    queries = [query for query in update if data.has_target[query]]
    return _fill("decisions", [(query, len(data.prompt(query)) + len(data.prefix_ids)) for query in queries], limit, processes)


def _fill(kind, costs, limit, processes):
    if processes > 1:
        return _spread(kind, costs, limit, processes)
    passes = []
    for item, cost in costs:
        if not passes or passes[-1].tokens + cost > limit:
            passes.append(Pass())
        getattr(passes[-1], kind).append(item)
        passes[-1].tokens += cost
    return passes


def _spread(kind, costs, limit, processes):
    total = sum(cost for _, cost in costs)
    count = parts_for(total, limit, processes)
    while True:
        passes, before = [Pass() for _ in range(count)], 0
        for item, cost in costs:
            chosen = passes[int((before + cost / 2) * count / total)]
            getattr(chosen, kind).append(item)
            chosen.tokens += cost
            before += cost
        passes = [one for one in passes if one.tokens]
        if all(one.tokens <= limit or len(getattr(one, kind)) == 1 for one in passes):
            return passes
        count += processes


def spare_pass():
    """One token through the whole model: for a process that has no pass while others compute. It counts nothing."""
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    return Packed(one, one, [np.zeros((1, 1), np.int64)], one, one, one, one, one, one, one, two, two, two, np.arange(2))


def learnt_of(data, one_pass):
    """`tokens` and `sequences` of a pass as `pack` finds them, without packing it."""
    found = [_learnt(data, sequence) for sequence in one_pass.sequences]
    tokens = [start + learnt for start, _, learnt in found]
    return _join(tokens), np.repeat(np.array(one_pass.sequences, np.int64), [len(part) for part in tokens])


def _learnt(data, sequence):
    """Start and end of a sequence, and the places of its learnt tokens, from its start."""
    start, end = int(data.offsets[sequence]), int(data.offsets[sequence + 1])
    return start, end, np.flatnonzero(data.loss_mask[start:end])


def group_by_query(data):
    groups = {}
    for sequence, query in enumerate(data.queries.tolist()):
        groups.setdefault(query, []).append(sequence)
    return groups


def pack(data, one_pass):
    """Packs a pass; costs about a microsecond a token."""
    trie = _Trie()
    rows, targets = [], []
    for sequence in one_pass.sequences:
        start, end, learnt = _learnt(data, sequence)
        # The last learnt token is predicted, and predicts nothing.
        path = trie.add(data.ids[start : start + learnt[-1]].tolist())
        rows.append(path[learnt - 1])
        targets.append(data.ids[start:end][learnt])
    decision = []
    for query in one_pass.decisions:
        prompt = data.prompt(query).tolist()
        for arm in (0, 1):
            prefix = data.prefix(arm).tolist()
            path = trie.add(prompt + prefix[:-1])
            decision += [(path[len(prompt) - 1 + at], token, query, arm) for at, token in enumerate(prefix)]
    decision_rows, *columns = np.array(decision, dtype=np.int64).reshape(-1, 4).T
    rows, targets, pairs = _distinct(_join(rows), _join(targets))
    needed, places = np.unique(np.concatenate([rows, decision_rows]), return_inverse=True)
    buckets, attended = trie.layout()
    return Packed(
        np.array(trie.ids), np.array(trie.depths), buckets, attended, needed, places[: len(rows)], targets, pairs,
        *learnt_of(data, one_pass), places[len(rows) :], *columns,
    )  # fmt: skip


def _distinct(rows, targets):
    """The distinct pairs of a row and its target, and each line's pair: equal rollouts are common."""
    both, pairs = np.unique(rows << 32 | targets, return_inverse=True)
    return both >> 32, both & 0xFFFFFFFF, pairs


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
