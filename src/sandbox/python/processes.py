"""Inspects and signals a session's processes from outside. `off`: protections that a test switched off."""
import os
import signal


def kill_if_there(pid):
    """Sends SIGKILL to a process whose exit event may not have arrived yet."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def has_processes(session, off):
    """Whether any process of the session's user is left, zombies included."""
    if 'uid' in off:
        return False
    try:
        os.getpriority(os.PRIO_USER, session.uid)
        return True
    except ProcessLookupError:
        return False


def signal_user(session, number, off):
    """Signals every process of the user in one step."""
    if 'uid' in off:
        try:
            os.kill(session.pid, number)
        except ProcessLookupError:
            pass
        return
    os.setresuid(session.uid, session.uid, 0)
    try:
        os.kill(-1, number)
    finally:
        os.setresuid(0, 0, 0)


def is_only_memory(session, off):
    """Whether the session is one process with one thread, no file and no extra descriptor, so that its memory is all
    its state.
    """
    if off or os.listdir(WORK_DIRECTORY) or os.listdir(SHARED_MEMORY):
        return False
    user = str(session.uid)
    owned = [pid for pid in os.listdir('/proc') if pid.isdigit() and status_fields(pid).get('Uid', '').split()[:1] == [user]]
    return owned == [str(session.pid)] and status_fields(session.pid).get('Threads') == '1' and count_open(session.pid) == 4


def count_open(pid):
    try:
        return len(os.listdir(f'/proc/{pid}/fd'))
    except OSError:
        return 0


def anonymous_kib(pid):
    return int(status_fields(pid).get('RssAnon', '0 kB').split()[0])


def usage_of(pid, alone=False):
    """CPU nanoseconds and peak KiB of a living process without reaped children; None where only its exit event has
    them.

    `alone`: reaped children don't count.
    """
    cpu_ns = process_cpu_ns(pid)
    peak = status_fields(pid).get('VmHWM')
    # Page faults of reaped children.
    fields = read_text(f'/proc/{pid}/stat').rpartition(')')[2].split()
    if cpu_ns is None or peak is None or len(fields) < 9 or (fields[8] != '0' and not alone):
        return None
    return cpu_ns, int(peak.split()[0])
