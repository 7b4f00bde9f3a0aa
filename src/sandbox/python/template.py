"""The process that has everything imported and only forks. It never sees a request, so no child inherits one."""
# The C module: the enums of `signal` cost every child a tenth of its start.
import _signal
import fcntl
import select
import signal

HUGE_PAGE, MADV_COLLAPSE = 2 << 20, 25
# Runs once before the first fork: the code and data it touches are compiled, cached and shared by every child.
WARM_UP = '''
import math, cmath, fractions, decimal, itertools, functools, collections, statistics, heapq, re, string
import tempfile, datetime, random, json, copy, operator, bisect, subprocess, secrets, uuid
import numpy, sympy, sympy.core.random
x, y, n = sympy.symbols('x y n')
sympy.solve(x**2 - 5*x + 6, x), sympy.solve([x + y - 3, x - y - 1], [x, y]), sympy.solve(x**3 - 2*x + 1, x)
sympy.integrate(x * sympy.exp(x), x), sympy.diff(sympy.sin(x) / x, x), sympy.limit(sympy.sin(x) / x, x, 0)
sympy.simplify(sympy.sin(x)**2 + sympy.cos(x)**2), sympy.factor(x**2 - 1), sympy.expand((x + 1)**3)
sympy.Matrix([[1, 2], [3, 4]]).det(), sympy.factorint(360), sympy.nsimplify(0.5), sympy.summation(n, (n, 1, 10))
sympy.Rational(1, 3).evalf(), sympy.sqrt(8), sympy.latex(x / y), str(sympy.pi * x), sympy.isprime(97), sympy.gcd(12, 18)
sympy.parse_expr('2*x + 1'), sympy.binomial(10, 3), sympy.solveset(x**2 - 4, x, sympy.S.Reals), sympy.apart(1 / (x**2 - 1))
numpy.linalg.solve(numpy.array([[3.0, 1.0], [1.0, 2.0]]), numpy.array([9.0, 8.0])), numpy.arange(9).reshape(3, 3).sum()
'''


def serve_forks(sock, off):
    """Main of the template; never returns. Each message carries stdout, stderr and control of one child.

    Answers `pid, 0, 0, 0` after the fork (-1 where it failed) and `pid, wait status + 1, cpu in microseconds, peak
    KiB` after the exit.
    """
    import gc
    # Not os.fork: its work after the fork (locks, threads, new seeds) is a third of a child's set-up. A child of a
    # process with one thread, whose seeds are set anyway, does not need it.
    fork = ctypes.PyDLL(None).fork
    prepare_imports()
    enter_world = prepare_world()
    gc.collect()
    gc.freeze()
    collapse_pages()
    LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if 'seccomp' not in off:
        # Compiled here and not in each child: loading the filter costs the kernel as much as a third of a fork.
        install_filter()
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    poll.register(woken, select.POLLIN)
    sock.sendall(pack_fork_event(0, 0, 0, 0))
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if woken in ready:
            try:
                os.read(woken, 4096)
            except BlockingIOError:
                pass
            announce_deaths(sock)
        if sock.fileno() in ready:
            descriptors = receive_descriptors(sock, 3)
            if descriptors is None:
                os._exit(0)
            # Signals are blocked until the child's own handlers are in place.
            _signal.pthread_sigmask(_signal.SIG_BLOCK, {_signal.SIGCHLD})
            pid = fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                restore_signals()
                become_child(descriptors, enter_world)
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {_signal.SIGCHLD})
            sock.sendall(pack_fork_event(pid, 0, 0, 0))
            for descriptor in descriptors:
                os.close(descriptor)


def pack_fork_event(pid, status, cpu_us, peak_kib):
    return struct.pack('=iiqq', pid, status, cpu_us, peak_kib)


def announce_deaths(sock):
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        cpu_us = int((usage.ru_utime + usage.ru_stime) * 1e6)
        sock.sendall(pack_fork_event(pid, status + 1, cpu_us, usage.ru_maxrss))


def restore_signals():
    """Resets what PID 1 and the template set and a fork inherits: a worker that ignores SIGTERM would never end its
    pool.
    """
    for number in (_signal.SIGTERM, _signal.SIGHUP, _signal.SIGUSR1, _signal.SIGUSR2, _signal.SIGCHLD):
        _signal.signal(number, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {_signal.SIGCHLD})


def become_child(descriptors, enter_world):
    try:
        # Above all descriptors to replace, so that no dup2 overwrites one of the three too early.
        moved = [fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in descriptors]
        os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
        for fd, target in zip(moved, (1, 2, CONTROL_FD)):
            os.dup2(fd, target, inheritable=target != CONTROL_FD)
        close_from(CONTROL_FD + 1)
        serve_blocks(enter_world)
    finally:
        os._exit(70)


def prepare_imports():
    exec(compile(WARM_UP, 'whencode/warm-up', 'exec'), {})


def collapse_pages():
    """Asks for huge pages under the heap, so that a fork copies less. Older kernels refuse, which does no harm."""
    for line in read_text('/proc/self/maps').splitlines():
        span, mode, _offset, _device, inode = line.split()[:5]
        start, end = (int(part, 16) for part in span.split('-'))
        if not mode.startswith('rw') or inode != '0':
            continue
        for page in range(-(-start // HUGE_PAGE) * HUGE_PAGE, end - HUGE_PAGE + 1, HUGE_PAGE):
            LIBC.madvise(ctypes.c_void_p(page), ctypes.c_size_t(HUGE_PAGE), MADV_COLLAPSE)
