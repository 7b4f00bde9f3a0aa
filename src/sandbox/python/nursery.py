"""Children: the template's fork and exit events, and the one pre-forked child that waits for its code."""
import collections
import marshal
import signal

TEMPLATE_DIED = 72
FORK_ATTEMPTS = 3


class ForkEvents:
    """Fork and exit events of children, received from the template."""

    def __init__(self, sock):
        self.sock = sock
        self.descriptor = sock.fileno()
        self.births = collections.deque()
        self.deaths = {}

    def receive(self):
        message = self.sock.recv(64)
        if not message:
            os._exit(TEMPLATE_DIED)
        pid, status, cpu_us, peak_kib = struct.unpack('=iiqq', message)
        if status == 0:
            self.births.append(pid)
        else:
            self.deaths[pid] = (status - 1, cpu_us, peak_kib)

    def wait(self, milliseconds):
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        if poll.poll(milliseconds):
            self.receive()


class Nursery:
    """Forks ahead: the waiting child has dropped root and lacks only its limits, its seed and its code.

    Fork and set-up are two thirds of the cost of a short snippet; here they happen while no request waits. The
    waiting child shares the container with a running snippet of another user, as kept sessions do.
    """

    def __init__(self, settings, events):
        self.settings, self.events = settings, events
        self.next_uid = settings['firstUid']
        self.parked = None
        self.oom_kills = CONTAINER.oom_kills()

    def park(self, others):
        """Requests a child from the template without waiting for it; `others`: sessions whose users it must not have.
        """
        if self.parked is not None:
            return
        uid = self.take_uid({session.uid for session in others})
        stdout, child_stdout = os.pipe()
        stderr, child_stderr = os.pipe()
        control, child_control = (end.detach() for end in socket.socketpair())
        send_descriptors(self.events.sock, [child_stdout, child_stderr, child_control])
        for descriptor in (child_stdout, child_stderr, child_control):
            os.close(descriptor)
        try:
            write_frame(control, marshal.dumps({'uid': uid, 'protectionsOff': self.settings['protectionsOff']}))
        except OSError:
            # The fork failed and its pipe ends are closed; `settle` handles that.
            pass
        self.parked = Session(uid, stdout, stderr, control)

    def take_uid(self, in_use):
        """Rotates users, so that a run never has the user of the previous run, of a concurrent one or of a kept
        session.
        """
        while True:
            uid = self.next_uid
            first, count = self.settings['firstUid'], self.settings['uidCount']
            self.next_uid = first + (uid + 1 - first) % count
            if uid not in in_use:
                return uid

    def settle(self):
        """Waits until the requested child exists; returns the number of waiting children (0 or 1)."""
        if self.parked is None:
            return 0
        while self.parked.pid is None and not self.events.births:
            self.events.receive()
        if self.parked.pid is None:
            self.parked.pid = self.events.births.popleft()
        if self.parked.pid > 0 and self.parked.pid not in self.events.deaths:
            return 1
        # A fork bomb or a memory hog of a concurrent run left no room for it.
        self.discard()
        return 0

    def discard(self):
        pid = self.parked.pid
        if pid > 0 and pid not in self.events.deaths:
            kill_if_there(pid)
            while pid not in self.events.deaths:
                self.events.receive()
        self.events.deaths.pop(pid, None)
        self.parked.close()
        self.parked = None

    def take(self, others, orders):
        """A child that has received its `orders`."""
        oom_kills, self.oom_kills = self.oom_kills, CONTAINER.oom_kills()
        if oom_kills != self.oom_kills and self.settle():
            # It may have been killed without the event having arrived: no snippet may run in it then.
            self.discard()
        for _ in range(FORK_ATTEMPTS):
            self.park(others)
            if self.settle():
                try:
                    write_frame(self.parked.control, orders)
                except OSError:
                    self.discard()
                    continue
                session, self.parked = self.parked, None
                return session
        os._exit(TEMPLATE_DIED)


def start_template(off):
    """Forks the template and waits until it has everything imported."""
    own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        try:
            own.close()
            os.dup2(os.open('/dev/null', os.O_RDWR), 0)
            os.dup2(0, 1)
            serve_forks(other, off)
        finally:
            os._exit(70)
    other.close()
    events = ForkEvents(own)
    events.template_pid = pid
    events.receive()
    events.births.clear()
    return events
