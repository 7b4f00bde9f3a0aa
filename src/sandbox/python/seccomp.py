"""The system calls that template and snippets may make. All others are refused.

Numbers are (x86_64, aarch64); None where an architecture lacks the call. Missing on purpose: every namespace and
mount call, ptrace and process_vm_*, io_uring, bpf, perf, userfaultfd, keys, System V and POSIX queues (they outlive
a snippet), device nodes and FIFOs, personality, clocks, modules, pidfd, every socket but AF_UNIX. setgroups,
setresuid and setresgid are for the template: a snippet has no capability for them and gets EPERM.
"""
import platform

ALLOWED_CALLS = {
    'read': (0, 63), 'write': (1, 64), 'open': (2, None), 'close': (3, 57), 'stat': (4, None), 'fstat': (5, 80),
    'lstat': (6, None), 'poll': (7, None), 'lseek': (8, 62), 'mmap': (9, 222), 'mprotect': (10, 226),
    'munmap': (11, 215), 'brk': (12, 214), 'rt_sigaction': (13, 134), 'rt_sigprocmask': (14, 135),
    'rt_sigreturn': (15, 139), 'pread64': (17, 67), 'pwrite64': (18, 68), 'readv': (19, 65), 'writev': (20, 66),
    'access': (21, None), 'pipe': (22, None), 'select': (23, None), 'sched_yield': (24, 124), 'mremap': (25, 216),
    'msync': (26, 227), 'madvise': (28, 233), 'dup': (32, 23), 'dup2': (33, None), 'pause': (34, None),
    'nanosleep': (35, 101), 'getitimer': (36, 102), 'alarm': (37, None), 'setitimer': (38, 103), 'getpid': (39, 172),
    'sendfile': (40, 71), 'connect': (42, 203), 'accept': (43, 202), 'sendto': (44, 206), 'recvfrom': (45, 207),
    'sendmsg': (46, 211), 'recvmsg': (47, 212), 'shutdown': (48, 210), 'bind': (49, 200), 'listen': (50, 201),
    'getsockname': (51, 204), 'getpeername': (52, 205), 'setsockopt': (54, 208), 'getsockopt': (55, 209),
    'fork': (57, None), 'vfork': (58, None), 'execve': (59, 221), 'exit': (60, 93), 'wait4': (61, 260),
    'kill': (62, 129), 'uname': (63, 160), 'fcntl': (72, 25), 'flock': (73, 32), 'fsync': (74, 82),
    'fdatasync': (75, 83), 'truncate': (76, 45), 'ftruncate': (77, 46), 'getdents': (78, None), 'getcwd': (79, 17),
    'chdir': (80, 49), 'fchdir': (81, 50), 'rename': (82, None), 'mkdir': (83, None), 'rmdir': (84, None),
    'creat': (85, None), 'link': (86, None), 'unlink': (87, None), 'symlink': (88, None), 'readlink': (89, None),
    'chmod': (90, None), 'fchmod': (91, 52), 'umask': (95, 166), 'gettimeofday': (96, 169), 'getrlimit': (97, 163),
    'getrusage': (98, 165), 'sysinfo': (99, 179), 'times': (100, 153), 'getuid': (102, 174), 'getgid': (104, 176),
    'geteuid': (107, 175), 'getegid': (108, 177), 'setpgid': (109, 154), 'getppid': (110, 173),
    'getpgrp': (111, None), 'setsid': (112, 157), 'getgroups': (115, 158), 'getresuid': (118, 148),
    'getresgid': (120, 150), 'setgroups': (116, 159), 'setresuid': (117, 147), 'setresgid': (119, 149),
    'getpgid': (121, 155), 'getsid': (124, 156), 'rt_sigpending': (127, 136),
    'rt_sigtimedwait': (128, 137), 'rt_sigsuspend': (130, 133), 'sigaltstack': (131, 132), 'utime': (132, None),
    'statfs': (137, 43), 'fstatfs': (138, 44), 'getpriority': (140, 141), 'sched_getparam': (143, 121),
    'sched_getscheduler': (145, 120), 'sched_get_priority_max': (146, 125), 'sched_get_priority_min': (147, 126),
    'arch_prctl': (158, None), 'setrlimit': (160, 164), 'gettid': (186, 178), 'tkill': (200, 130),
    'time': (201, None), 'futex': (202, 98), 'sched_getaffinity': (204, 123), 'epoll_create': (213, None),
    'getdents64': (217, 61), 'set_tid_address': (218, 96), 'restart_syscall': (219, 128), 'fadvise64': (221, 223),
    'timer_create': (222, 107), 'timer_settime': (223, 110), 'timer_gettime': (224, 108),
    'timer_getoverrun': (225, 109), 'timer_delete': (226, 111), 'clock_gettime': (228, 113),
    'clock_getres': (229, 114), 'clock_nanosleep': (230, 115), 'exit_group': (231, 94), 'epoll_wait': (232, None),
    'epoll_ctl': (233, 21), 'tgkill': (234, 131), 'utimes': (235, None), 'waitid': (247, 95), 'openat': (257, 56),
    'mkdirat': (258, 34), 'newfstatat': (262, 79), 'unlinkat': (263, 35), 'renameat': (264, 38), 'linkat': (265, 37),
    'symlinkat': (266, 36), 'readlinkat': (267, 78), 'fchmodat': (268, 53), 'faccessat': (269, 48),
    'pselect6': (270, 72), 'ppoll': (271, 73), 'set_robust_list': (273, 99), 'get_robust_list': (274, 100),
    'splice': (275, 76), 'tee': (276, 77), 'utimensat': (280, 88), 'epoll_pwait': (281, 22),
    'timerfd_create': (283, 85), 'eventfd': (284, None), 'fallocate': (285, 47), 'timerfd_settime': (286, 86),
    'timerfd_gettime': (287, 87), 'accept4': (288, 242), 'eventfd2': (290, 19), 'epoll_create1': (291, 20),
    'dup3': (292, 24), 'pipe2': (293, 59), 'preadv': (295, 69), 'pwritev': (296, 70), 'recvmmsg': (299, 243),
    'prlimit64': (302, 261), 'sendmmsg': (307, 269), 'getcpu': (309, 168), 'sched_getattr': (315, 275),
    'renameat2': (316, 276), 'getrandom': (318, 278), 'memfd_create': (319, 279), 'membarrier': (324, 283),
    'copy_file_range': (326, 285), 'preadv2': (327, 286), 'pwritev2': (328, 287), 'statx': (332, 291),
    'rseq': (334, 293), 'close_range': (436, 436), 'faccessat2': (439, 439), 'epoll_pwait2': (441, 441),
}
# Call: (numbers, index of the checked argument, allowed values).
ALLOWED_BY_ARGUMENT = {
    'socket': ((41, 198), 0, (1,)),
    'socketpair': ((53, 199), 0, (1,)),
    'ioctl': ((16, 29), 1, (0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    'prctl': ((157, 167), 0, (1, 2, 3, 15, 16, 21, 23, 38, 39, 0x53564D41)),
}
CLONE = (56, 220)
CLONE_NEW_ANYTHING = 0x7E020000
# Calls newer than this return ENOSYS, so that the C library falls back to an older one (clone3 to clone).
FIRST_NEW_CALL = 424
ARCHITECTURES = {'x86_64': (0xC000003E, 0), 'aarch64': (0xC00000B7, 1)}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOTTY, _ENOSYS = 1, 25, 38


def build_filter(machine=None):
    """The filter as (code, jump if true, jump if false, constant) tuples of classic BPF."""
    audit, column = ARCHITECTURES[machine or platform.machine()]
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]

    def answer(action):
        program.append((_RETURN, 0, 0, action))

    for numbers in ALLOWED_CALLS.values():
        if numbers[column] is not None:
            program.append((_EQUAL, 0, 1, numbers[column]))
            answer(_ALLOW)
    for name, (numbers, argument, values) in ALLOWED_BY_ARGUMENT.items():
        # Loads the argument, allows each value, refuses the rest; skipped for other calls.
        program.append((_EQUAL, 0, 2 + 2 * len(values), numbers[column]))
        program.append((_LOAD, 0, 0, 16 + 8 * argument))
        for value in values:
            program.append((_EQUAL, 0, 1, value))
            answer(_ALLOW)
        answer(_ERRNO | (_ENOTTY if name == 'ioctl' else _EPERM))
    program.append((_EQUAL, 0, 4, CLONE[column]))
    program.append((_LOAD, 0, 0, 16))
    program.append((_ANY_BIT, 1, 0, CLONE_NEW_ANYTHING))
    answer(_ALLOW)
    answer(_ERRNO | _EPERM)
    program.append((_AT_LEAST, 0, 1, FIRST_NEW_CALL))
    answer(_ERRNO | _ENOSYS)
    answer(_ERRNO | _EPERM)
    return program


class FilterProgram(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('filter', ctypes.c_void_p)]


def install_filter():
    """Installs the filter for this process and all its descendants. Exits where the kernel refuses."""
    packed = b''.join(struct.pack('=HBBI', *instruction) for instruction in build_filter())
    buffer = ctypes.create_string_buffer(packed, len(packed))
    program = FilterProgram(len(packed) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or LIBC.prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
        os._exit(78)
