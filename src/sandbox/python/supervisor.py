"""PID 1 of the container: talks to the pool, owns every other process, cleans up after each run."""
import collections
import marshal

PROTOCOL = 1
MAX_KEPT = 8
MAX_KEPT_KIB = 192 << 10
MAX_KEPT_ONE_KIB = 64 << 10
IDLE_EXIT_MS = 600_000
# Exit code, for the pool's message.
CANNOT_CLEAN = 71


class Supervisor:
    def __init__(self, settings):
        self.settings = settings
        self.off = frozenset(settings['protectionsOff'])
        self.events = start_template(self.off)
        self.nursery = Nursery(settings, self.events)
        self.kept = collections.OrderedDict()
        self.finished = None
        self.strays = 0

    def new_session(self, request, block_count):
        """Sends the waiting child its orders and returns it as the session."""
        blocks_left = block_count + MAX_KEPT
        session = self.nursery.take(self.kept.values(), marshal.dumps({
            'limits': request['limits'], 'blockCount': blocks_left, 'seed': request['seed'],
            'showValue': request['showValue'], 'valueBytes': request['limits']['outputBytes'],
            'keepAboveCpuMs': request['keepAboveCpuMs'],
        }))
        session.blocks_left = blocks_left
        lend_directories(session.uid if 'uid' not in self.off else 0)
        return session

    def run(self, request):
        """Runs the previous blocks (unless a kept session has their state) and the block; returns the reply for the
        pool.
        """
        skipped = set(request['skip'])
        previous = [block.encode('utf-8', 'surrogatepass') for block in request['previousBlocks']]
        code = request['code'].encode('utf-8', 'surrogatepass')
        session = self.resume(request['resumeKey'])
        resumed = session is not None
        replayed = 0
        while True:
            if session is None:
                session = self.new_session(request, len(previous) + 1)
                resumed = False
                replayed, failure, culprit = self.replay(session, previous, skipped, request)
                if failure is not None:
                    self.sweep(session)
                    if failure.verdict == 'starved':
                        return self.reply(request, failure, None, 0, replayed, skipped, False)
                    # A block that ends its process leaves no state: start again without it.
                    skipped.add(culprit)
                    session = None
                    continue
            oom_before = CONTAINER.oom_kills()
            block = BlockRun(session, FINAL, code, request['limits'], self.events)
            # Forks the next child during this run, so that the next request finds it ready.
            self.nursery.park([session, *self.kept.values()])
            block.finish()
            kept = block.report is not None and block.report[1] and self.try_keep(session, block, request['keepKey'])
            death, usage = None, usage_of(session.pid, kept) if block.report is not None else None
            if usage is None:
                if kept:
                    self.kept.pop(request['keepKey'])
                    kept = False
                death = self.end(session, block)
                usage = death[1] * 1000, death[2]
            elif not kept:
                block.drain()
                self.finished = session, block
            oom = death is not None and CONTAINER.oom_kills() > oom_before
            reply = self.reply(request, block, death, oom, replayed, skipped, resumed)
            reply['cpuMs'] = max(0, usage[0] - block.meter.start_cpu_ns) / 1e6
            reply['memoryBytes'] = usage[1] * 1024
            reply['kept'] = kept
            # No report: the process exited, and the state for a next block is lost.
            reply['died'] = block.report is None or block.verdict is not None
            return reply

    def replay(self, session, previous, skipped, request):
        """Runs the previous blocks; returns (blocks run, BlockRun that ended the process or None, its index)."""
        count = 0
        for index, block_code in enumerate(previous):
            if index in skipped:
                continue
            block = BlockRun(session, REPLAY, block_code, request['limits'], self.events)
            block.finish()
            count += 1
            if block.report is None or block.verdict is not None:
                return count, block, index
            block.drain()
            if block.verdict is not None:
                return count, block, index
        return count, None, None

    def clean(self):
        """Cleans up after an answer, before the next request is read."""
        if self.finished is not None:
            self.end(*self.finished)
            self.finished = None

    def end(self, session, block):
        """Kills the child and all processes of its user, drains the output, and returns its exit event."""
        if session.pid not in self.events.deaths:
            kill_if_there(session.pid)
            self.events.wait(100)
        return self.sweep(session, block)

    def sweep(self, session, block=None):
        """Ends every process of the session's user and empties the directories, or exits the container.

        kill(-1) as that user is atomic for the kernel: no process can escape by forking, and no other user is
        affected.
        """
        give_up_ns = time.monotonic_ns() + 10_000_000_000
        while session.pid not in self.events.deaths or has_processes(session, self.off):
            signal_user(session, signal.SIGKILL, self.off)
            self.reap()
            self.events.wait(1)
            if time.monotonic_ns() > give_up_ns:
                os._exit(CANNOT_CLEAN)
        self.reap()
        if block is not None:
            block.drain()
        session.close()
        for path in (WORK_DIRECTORY, SHARED_MEMORY):
            empty_directory(path)
        return self.events.deaths.pop(session.pid)

    def reap(self):
        """Reaps orphans of snippets, which become children of PID 1."""
        while True:
            try:
                pid, _status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.events.template_pid:
                os._exit(TEMPLATE_DIED)
            self.strays += 1

    def try_keep(self, session, block, key):
        """Stops the session and keeps it for the next block, if its memory is its only state."""
        signal_user(session, signal.SIGSTOP, self.off)
        block.drain()
        if key is None or block.verdict is not None or session.blocks_left <= 0 or not is_only_memory(session, self.off):
            return False
        session.key = key
        session.private_kib = anonymous_kib(session.pid) - anonymous_kib(self.events.template_pid)
        if session.private_kib > MAX_KEPT_ONE_KIB:
            return False
        self.kept[key] = session
        while len(self.kept) > MAX_KEPT or sum(max(0, held.private_kib) for held in self.kept.values()) > MAX_KEPT_KIB:
            self.drop(next(iter(self.kept)))
        return key in self.kept

    def resume(self, key):
        session = self.kept.pop(key, None) if key is not None else None
        if session is None:
            return None
        if session.pid in self.events.deaths:
            self.sweep(session)
            return None
        lend_directories(session.uid)
        os.kill(session.pid, signal.SIGCONT)
        return session

    def drop(self, key):
        session = self.kept.pop(key, None)
        if session is not None:
            self.sweep(session)

    def reply(self, request, block, death, oom, replayed, skipped, resumed):
        end, exception, value = judge(block, death, oom)
        reply = {
            'end': end, 'stdout': block.stdout_text(), 'stderr': block.stderr_text(),
            'replayed': replayed, 'skipped': sorted(skipped), 'resumed': resumed,
        }
        if exception:
            reply['exception'] = exception
        if value:
            reply['value'] = value
        return reply

    def census(self):
        """Counts what is in the container; between runs that is two processes and no file."""
        waiting = len(self.kept) + self.nursery.settle()
        return {
            'processes': sum(name.isdigit() for name in os.listdir('/proc')) - waiting,
            'descriptors': len(os.listdir('/proc/self/fd')) - 1 - 3 * waiting,
            'files': len(os.listdir(WORK_DIRECTORY)) + len(os.listdir(SHARED_MEMORY)),
            'kept': len(self.kept), 'strays': self.strays,
            'memoryKib': int(status_fields('self').get('VmRSS', '0 kB').split()[0]),
        }


def judge(block, death, oom):
    """(end, exception line, value) of a finished block."""
    if block.verdict is not None:
        return block.verdict, '', ''
    if block.report is not None:
        return block.report[0], block.report[2], block.report[3]
    status = death[0]
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        return ('ok', '', '') if code == 0 else ('error', f'exited with status {code}', '')
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return 'cpu-timeout', '', ''
    if number == signal.SIGKILL and oom:
        return 'memory', '', ''
    return 'error', f'ended by signal {signal.Signals(number).name if number < 32 else number}', ''


def main():
    """Reads the settings, says hello, then answers one request after the other until stdin ends."""
    # PID 1 ignores signals without a handler; Python installs one for SIGINT.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(name, signal.SIG_IGN)
    LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    for path in (WORK_DIRECTORY, SHARED_MEMORY):
        os.chmod(path, 0o700)
    settings = json.loads(read_frame(0))
    supervisor = Supervisor(settings)
    write_frame(1, json.dumps({
        'protocol': PROTOCOL, 'python': sys.version.split()[0], 'cgroup': find_cgroup_version(),
        'aslr': not LIBC.personality(0xFFFFFFFF) & 0x40000, 'machine': os.uname().machine,
    }).encode())
    poll = select.poll()
    poll.register(0, select.POLLIN)
    while poll.poll(IDLE_EXIT_MS):
        frame = read_frame(0)
        if frame is None:
            break
        request = json.loads(frame)
        if request['op'] == 'run':
            reply = supervisor.run(request)
        elif request['op'] == 'drop':
            supervisor.drop(request['key'])
            reply = {}
        else:
            reply = supervisor.census()
        write_frame(1, json.dumps(reply).encode())
        supervisor.clean()
    os._exit(0)
