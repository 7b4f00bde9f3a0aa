# ends: ok
# bites without: seccomp
attempt('io_uring_setup', lambda: syscall(425, 4, ctypes.create_string_buffer(120)))
attempt('io_uring_register', lambda: syscall(427, 0, 0, 0, 0))
