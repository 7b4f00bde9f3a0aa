"""What a child gives up before it sees a line of the model's code, and what it is given instead of chance."""
import random
import resource

STOCK_RECURSION_LIMIT = 1000
# 2025-01-01T00:00:00Z: every snippet starts at this time.
EPOCH_SECONDS = 1735689600


def confine(config, filter_program):
    """Turns this process from root with five capabilities into a nobody that can compute and print.

    `config`: uid, limits {cpuMs, memoryBytes, fileBytes}, blockCount, protectionsOff (names, for tests of the suite).
    """
    off = config['protectionsOff']
    limits = config['limits']
    os.setsid()
    with open('/proc/self/oom_score_adj', 'w') as file:
        file.write('1000')
    # The supervisor decides by the processes' clocks; this one holds should it be late.
    cpu_seconds = limits['cpuMs'] * config['blockCount'] // 1000 + 2
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
    if 'uid' not in off:
        os.setgroups([])
        os.setresgid(config['uid'], config['uid'], config['uid'])
        os.setresuid(config['uid'], config['uid'], config['uid'])
        LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.chdir(WORK_DIRECTORY)
    if 'seccomp' not in off:
        install_filter(filter_program)


def fix_chance(seed):
    """Same seed, same numbers: `random`, numpy, sympy, `os.urandom`, `secrets`, `uuid4`, names of temporary files."""
    stream = random.Random(seed)
    draw = stream.randbytes
    os.urandom = draw
    random._urandom = draw
    plain_seed = random.Random.seed

    def seed_from_stream(self, a=None, version=2):
        plain_seed(self, int.from_bytes(draw(32), 'big') if a is None else a, version)

    random.Random.seed = seed_from_stream
    random.seed = random._inst.seed
    random.seed(seed)
    sys.modules['numpy'].random.seed(seed % 2**32)
    sys.modules['sympy.core.random'].seed(seed)
    names = sys.modules['tempfile']._RandomNameSequence()
    names._rng, names._rng_pid = random.Random(seed), os.getpid()
    sys.modules['tempfile']._name_sequence = names


def fix_time():
    """The wall clock starts at EPOCH_SECONDS and runs on; the monotonic clocks stay as they are."""
    clock_ns = time.monotonic_ns
    start_ns = clock_ns()

    def time_ns():
        return EPOCH_SECONDS * 1_000_000_000 + clock_ns() - start_ns

    def now_seconds():
        return time_ns() / 1e9

    time.time, time.time_ns = now_seconds, time_ns
    datetime = sys.modules['datetime'].datetime

    def now(cls, tz=None):
        return cls.fromtimestamp(now_seconds(), tz)

    def utcnow(cls):
        return cls.utcfromtimestamp(now_seconds())

    # The C type reads the kernel's clock itself and can't be assigned to, so its dictionary is changed.
    import gc
    methods = gc.get_referents(datetime.__dict__)[0]
    methods['now'], methods['utcnow'] = classmethod(now), classmethod(utcnow)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))


def keep_stock_recursion(own_frames):
    """Our own frames below the snippet's don't count, so that it overflows exactly where stock Python does."""
    raise_limit, read_limit = sys.setrecursionlimit, sys.getrecursionlimit

    def setrecursionlimit(limit):
        raise_limit(limit + own_frames if isinstance(limit, int) and 0 < limit < 2**31 - 100 else limit)

    def getrecursionlimit():
        return read_limit() - own_frames

    sys.setrecursionlimit, sys.getrecursionlimit = setrecursionlimit, getrecursionlimit
    setrecursionlimit(STOCK_RECURSION_LIMIT)


def open_streams():
    """sys.stdin is empty; stdout and stderr go to the supervisor line by line, so that a killed snippet's lines stay."""
    import io
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, 'r')), 'utf-8')
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, 'w')), 'utf-8', 'strict', line_buffering=True)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, 'w')), 'utf-8', 'backslashreplace', line_buffering=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
