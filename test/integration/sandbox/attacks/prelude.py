# Put before every attack. `attempt` prints "held" when the system refuses and "BITES" when it lets it happen.
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)

def syscall(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def attempt(what, action):
    try:
        result = action()
    except OSError as refusal:
        print('held', what, errno.errorcode.get(refusal.errno, refusal.errno))
    else:
        print('BITES', what, repr(result)[:80])

def write(path, data):
    # Straight to the kernel: an error that shows only when a buffer is flushed would be lost.
    return os.write(os.open(path, os.O_WRONLY), data)

def attempt_call(what, number, *arguments):
    # Also an error of the call itself (EINVAL, ENOMEM) shows that the kernel took it up.
    try:
        result = syscall(number, *arguments)
    except OSError as refusal:
        result = errno.errorcode.get(refusal.errno, refusal.errno)
    print('held' if result in ('EPERM', 'ENOSYS') else 'BITES', what, result)
