"""One child from the supervisor's side: its pipes, and the run of one block under the limits."""


class Session:
    """A child process with its own uid. `lend_directories` and `sweep` belong to the supervisor."""

    def __init__(self, uid, stdout, stderr, control):
        # None until the template reports the fork; 0 or less if the fork failed.
        self.pid = None
        self.uid = uid
        # Its hard CPU limit, which can't be raised again.
        self.blocks_left = 0
        self.stdout, self.stderr, self.control = stdout, stderr, control
        self.key = None
        self.private_kib = 0
        for descriptor in (stdout, stderr, control):
            os.set_blocking(descriptor, False)

    def close(self):
        for descriptor in (self.stdout, self.stderr, self.control):
            os.close(descriptor)


class Report:
    """The child's report on a block. It is untrusted beyond being its own result."""
    MAX_BYTES = 8 << 20

    def __init__(self):
        self.buffer = bytearray()

    def add(self, data):
        """The parsed report when it is complete: (outcome, stays, exception, value), else None."""
        self.buffer += data
        if len(self.buffer) < 4:
            return None
        size = struct.unpack_from('>I', self.buffer)[0]
        if size < 6 or size > self.MAX_BYTES:
            raise ValueError('not a report')
        if len(self.buffer) < 4 + size:
            return None
        body = bytes(self.buffer[4:4 + size])
        outcome = {b'o': 'ok', b'e': 'error', b'm': 'memory'}.get(body[:1])
        cut = 6 + struct.unpack_from('>I', body, 2)[0]
        if outcome is None or cut > size:
            raise ValueError('not a report')
        return outcome, body[1:2] == b'+', decode(body[6:cut]), decode(body[cut:])


class BlockRun:
    """Runs one block: sends the code, collects the output, watches clocks and volume, detects exit or report."""

    def __init__(self, session, kind, code, limits, events):
        self.session, self.limits, self.events = session, limits, events
        session.blocks_left -= 1
        self.unsent = memoryview(struct.pack('>I', len(code) + 1) + kind + code)
        self.captures = {session.stdout: Capture(limits['outputBytes']), session.stderr: Capture(limits['outputBytes'])}
        self.parser = Report()
        self.report = None
        self.verdict = None
        self.meter = Meter(session.pid, session.uid, limits)
        self.send()

    def stdout_text(self):
        return self.captures[self.session.stdout].text()

    def stderr_text(self):
        return self.captures[self.session.stderr].text()

    def finish(self):
        """Returns when the block has reported, exited, or exceeded a limit (`verdict`: which one)."""
        session, events = self.session, self.events
        poll = select.poll()
        poll.register(0, 0)
        poll.register(events.descriptor, select.POLLIN)
        poll.register(session.control, select.POLLIN | (select.POLLOUT if self.unsent else 0))
        for stream in self.captures:
            poll.register(stream, select.POLLIN)
        self.verdict, pause_ms = self.meter.check()
        beat_ns = self.meter.start_ns
        while self.report is None and self.verdict is None and session.pid not in events.deaths:
            for descriptor, happened in poll.poll(pause_ms):
                if descriptor == 0:
                    # The pool is gone; the container's content is no longer needed.
                    os._exit(0)
                elif descriptor == events.descriptor:
                    events.receive()
                elif descriptor == session.control:
                    self.talk(poll, happened)
                elif not self.collect(descriptor):
                    poll.unregister(descriptor)
            now = time.monotonic_ns()
            if now - self.meter.checked_ns >= 1_000_000 and self.verdict is None and self.report is None:
                self.meter.checked_ns = now
                self.verdict, pause_ms = self.meter.check()
            if now - beat_ns >= 1_000_000_000:
                # The pool distinguishes a long run from a stopped container by this.
                beat_ns = now
                write_frame(1, b'{"beat":1}')

    def send(self):
        try:
            self.unsent = self.unsent[os.write(self.session.control, self.unsent):]
        except OSError:
            # The pipe is full, or the snippet closed it: its next read, its exit or the limits decide.
            pass

    def talk(self, poll, happened):
        """Control socket: sends the unsent rest of the code, receives the report."""
        session = self.session
        try:
            if self.unsent and happened & select.POLLOUT:
                self.send()
                if not self.unsent:
                    poll.modify(session.control, select.POLLIN)
            if happened & (select.POLLIN | select.POLLHUP):
                data = os.read(session.control, 1 << 16)
                if not data:
                    poll.unregister(session.control)
                else:
                    self.report = self.parser.add(data)
        except BlockingIOError:
            pass
        except (OSError, ValueError):
            # It closed or corrupted its control socket: there is no report, and its exit or the limits decide.
            poll.unregister(session.control)

    def collect(self, descriptor):
        """Reads the available bytes; False at the end of the stream."""
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return True
        if not data:
            return False
        self.captures[descriptor].add(data)
        if sum(capture.total for capture in self.captures.values()) > self.limits['floodBytes']:
            self.verdict = self.verdict or 'output'
        return True

    def drain(self):
        """Reads what was written before the writers exited or were stopped."""
        for descriptor in self.captures:
            before = -1
            while self.captures[descriptor].total != before:
                before = self.captures[descriptor].total
                self.collect(descriptor)
