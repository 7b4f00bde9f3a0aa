# ends: ok
# bites without: uid
import resource, signal, time
known = {1, os.getpid(), os.getppid()}
for _ in range(100):
    # The one that was forked ahead and waits for the next snippet.
    others = {int(name) for name in os.listdir('/proc') if name.isdigit()} - known
    if others:
        break
    time.sleep(0.01)
for pid in sorted(others):
    for name in ('mem', 'environ', 'maps', 'fd/3'):
        attempt(name, lambda: open(f'/proc/{pid}/{name}', 'rb').read(1))
    attempt('prlimit', lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))
    attempt('priority', lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt('stop', lambda: os.kill(pid, signal.SIGSTOP))
    attempt('kill', lambda: os.kill(pid, signal.SIGKILL))
