# ends: ok
attempt('pidfd_open', lambda: syscall(434, 1, 0))
attempt('pidfd_getfd', lambda: syscall(438, 3, 1, 0))
