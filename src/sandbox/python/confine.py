"""Drops a child's privileges before it runs the model's code, and replaces its sources of randomness and time."""
import random
import resource

STOCK_RECURSION_LIMIT = 1000
# 2025-01-01T00:00:00Z: every snippet starts at this time.
EPOCH_SECONDS = 1735689600


def leave_root(uid, off):
    """Turns this process from root with six capabilities into an unprivileged user.

    It inherits the system call filter and being not dumpable (unreadable for others) from the template.
    `off`: names of protections that a test switched off.
    """
    os.setsid()
    score = os.open('/proc/self/oom_score_adj', os.O_WRONLY)
    os.write(score, b'1000')
    os.close(score)
    os.chdir(WORK_DIRECTORY)
    if 'uid' not in off:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def set_limits(limits, block_count, off):
    """`limits`: {cpuMs, memoryBytes, fileBytes}; none of them can be raised again."""
    # The supervisor decides by the processes' clocks; this limit is a backstop should it be late.
    cpu_seconds = limits['cpuMs'] * block_count // 1000 + 2
    ceilings = {
        'cpu': [(resource.RLIMIT_CPU, cpu_seconds)],
        'memory': [(resource.RLIMIT_DATA, limits['memoryBytes'])],
        'files': [(resource.RLIMIT_FSIZE, limits['fileBytes']), (resource.RLIMIT_NOFILE, 256)],
        'leftovers': [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0)],
    }
    for name, entries in ceilings.items():
        if name not in off:
            for which, value in entries:
                resource.setrlimit(which, (value, value))


class Chance:
    """Replaces randomness by a seeded stream. The template sets it up; each child only seeds it.

    It feeds `random`, numpy, sympy, `os.urandom`, `secrets`, `uuid4` and the names of temporary files.
    """

    def __init__(self):
        self.stream = random.Random()
        draw = self.stream.randbytes
        os.urandom = draw
        random._urandom = draw
        plain_seed = random.Random.seed

        def seed_from_stream(instance, a=None, version=2):
            plain_seed(instance, int.from_bytes(draw(32), 'big') if a is None else a, version)

        random.Random.seed = seed_from_stream
        random.seed = random._inst.seed
        self.names = sys.modules['tempfile']._RandomNameSequence()
        self.names._rng = random.Random(0)
        sys.modules['tempfile']._name_sequence = self.names

    def seed(self, seed):
        self.stream.seed(seed)
        random.seed(seed)
        sys.modules['numpy'].random.seed(seed % 2**32)
        sys.modules['sympy.core.random'].seed(seed)
        self.names._rng.seed(seed)
        self.names._rng_pid = os.getpid()


class Clock:
    """Starts the wall clock at EPOCH_SECONDS; the monotonic clocks are unchanged. Set up in the template."""

    def __init__(self):
        clock_ns = time.monotonic_ns
        self.start_ns = 0

        def time_ns():
            return EPOCH_SECONDS * 1_000_000_000 + clock_ns() - self.start_ns

        def now_seconds():
            return time_ns() / 1e9

        time.time, time.time_ns = now_seconds, time_ns
        datetime = sys.modules['datetime'].datetime

        def now(cls, tz=None):
            return cls.fromtimestamp(now_seconds(), tz)

        def utcnow(cls):
            return cls.utcfromtimestamp(now_seconds())

        # The C type reads the kernel's clock itself and its methods can't be assigned, so its dictionary is changed.
        import gc
        methods = gc.get_referents(datetime.__dict__)[0]
        methods['now'], methods['utcnow'] = classmethod(now), classmethod(utcnow)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))

    def start(self):
        self.start_ns = time.monotonic_ns()


def keep_stock_recursion(own_frames):
    """Excludes our own frames from the recursion limit, so that the snippet overflows exactly where stock Python does.
    """
    raise_limit, read_limit = sys.setrecursionlimit, sys.getrecursionlimit

    def setrecursionlimit(limit):
        raise_limit(limit + own_frames if isinstance(limit, int) and 0 < limit < 2**31 - 100 else limit)

    def getrecursionlimit():
        return read_limit() - own_frames

    sys.setrecursionlimit, sys.getrecursionlimit = setrecursionlimit, getrecursionlimit


def open_streams():
    """Makes sys.stdin empty; stdout and stderr go to the supervisor line by line, so that a killed snippet's lines are
    kept.

    Set up in the template over pipes, which a child has too: Python checks the kind of a stream when it opens it.
    """
    import io
    kept = os.dup(1), os.dup(2)
    reader, writer = os.pipe()
    os.dup2(writer, 1)
    os.dup2(writer, 2)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, 'r')), 'utf-8')
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, 'w')), 'utf-8', 'strict', line_buffering=True)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, 'w')), 'utf-8', 'backslashreplace', line_buffering=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    for descriptor, target in zip(kept, (1, 2)):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.close(reader)
    os.close(writer)
