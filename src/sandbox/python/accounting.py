"""Clocks and counters of processes and of the container, on cgroup v1 and v2."""
import select

_CPU_FILES = ('/sys/fs/cgroup/cpuacct/cpuacct.usage', '/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage')
_OOM_FILES = ('/sys/fs/cgroup/memory/memory.oom_control', '/sys/fs/cgroup/memory.events')


def find_cgroup_version():
    """'v1', 'v2', or 'none' where the container can't see its own limits."""
    if os.path.exists('/sys/fs/cgroup/cgroup.controllers'):
        return 'v2'
    return 'v1' if any(os.path.exists(path) for path in _CPU_FILES) else 'none'


def parse_cpu_stat_ns(text):
    """Total CPU time in a v2 `cpu.stat`."""
    for line in text.splitlines():
        if line.startswith('usage_usec '):
            return int(line.split()[1]) * 1000
    return 0


def parse_oom_kills(text):
    """Processes killed for memory, in `memory.events` (v2) or `memory.oom_control` (v1)."""
    for line in text.splitlines():
        if line.startswith('oom_kill '):
            return int(line.split()[1])
    return 0


class CounterFile:
    """Opens the first existing file of a list once, because it is read at each run."""

    def __init__(self, *paths):
        self.descriptor = None
        for self.path in paths:
            try:
                self.descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
                break
            except OSError:
                continue

    def read(self):
        return '' if self.descriptor is None else os.pread(self.descriptor, 4096, 0).decode()


class ContainerCounters:
    """CPU time and out-of-memory kills of all processes of this container; 0 where they can't be read."""

    def __init__(self):
        self.cpu = CounterFile(*_CPU_FILES, '/sys/fs/cgroup/cpu.stat')
        self.oom = CounterFile(*_OOM_FILES)

    def cpu_ns(self):
        text = self.cpu.read()
        return int(text) if text.strip().isdigit() else parse_cpu_stat_ns(text)

    def oom_kills(self):
        return parse_oom_kills(self.oom.read())


CONTAINER = ContainerCounters()


def process_cpu_ns(pid):
    """CPU time of all threads of a process (without its children), or None when it is gone."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


def run_queue_wait_ns(pid):
    """Time that the main thread waited in the run queue."""
    fields = read_text(f'/proc/{pid}/schedstat').split()
    return int(fields[1]) if len(fields) > 1 else 0


class Meter:
    """Decides when a block has used up its limits: CPU time, and wall time in which it could run.

    Where other processes take the cores, the block waits in the run queue. Its wall clock then stands still, and
    only after STARVED_WALLS times the limit does it end as starved (and is retried elsewhere).
    """
    STARVED_WALLS = 20
    # Fork, set-up and the supervisor's own work count in the container's total but are not the snippet's.
    OWN_CPU_NS = 60_000_000
    LOOKS = 5

    def __init__(self, pid, uid, limits):
        self.pid, self.uid = pid, uid
        self.cpu_limit_ns = limits['cpuMs'] * 1_000_000
        self.wall_limit_ns = limits['wallMs'] * 1_000_000
        self.cores = os.cpu_count() or 1
        self.start_ns = self.checked_ns = time.monotonic_ns()
        self.start_cpu_ns = process_cpu_ns(pid) or 0
        self.start_wait_ns = run_queue_wait_ns(pid)
        self.start_container_ns = CONTAINER.cpu_ns()
        self.asleep_until_ns = None
        self.lost_ns = 0

    def elapsed_ns(self):
        return time.monotonic_ns() - self.start_ns

    def used_cpu_ns(self):
        own = process_cpu_ns(self.pid)
        others = CONTAINER.cpu_ns() - self.start_container_ns - self.OWN_CPU_NS
        return max((own or 0) - self.start_cpu_ns, others)

    def is_at_work(self):
        """Samples several times, because a single sample may fall between two successive processes."""
        for look in range(self.LOOKS):
            if look > 0:
                time.sleep(0.01)
            if self.is_runnable():
                return True
        return False

    def is_runnable(self):
        """Whether any of its processes runs or waits for a core. Code that sleeps or deadlocks has none."""
        for pid in os.listdir('/proc'):
            if pid.isdigit() and int(pid) > 1:
                state = read_text(f'/proc/{pid}/stat').rpartition(')')[2].split()[:1]
                if state == ['R'] and status_fields(pid).get('Uid', '').split()[:1] == [str(self.uid)]:
                    return True
        return False

    def check(self):
        """('cpu-timeout' | 'wall-timeout' | 'starved' | None, milliseconds until the next check)."""
        now = time.monotonic_ns()
        if self.asleep_until_ns is not None and now > self.asleep_until_ns + 500_000_000:
            # The container was paused, or the supervisor itself got no core.
            self.lost_ns += now - self.asleep_until_ns
        cpu_left = self.cpu_limit_ns - self.used_cpu_ns()
        waited = run_queue_wait_ns(self.pid) - self.start_wait_ns + self.lost_ns
        elapsed = now - self.start_ns
        wall_left = self.wall_limit_ns - max(0, elapsed - waited)
        if cpu_left <= 0:
            return 'cpu-timeout', 0
        if elapsed > self.wall_limit_ns * self.STARVED_WALLS:
            return 'starved', 0
        if wall_left <= 0:
            if not self.is_at_work():
                return 'wall-timeout', 0
            # One of its processes is computing: the CPU limit decides.
            wall_left = self.wall_limit_ns // 10
        pause_ms = max(1, min(cpu_left // self.cores, wall_left, 1_000_000_000) // 1_000_000)
        self.asleep_until_ns = now + pause_ms * 1_000_000
        return None, pause_ms
