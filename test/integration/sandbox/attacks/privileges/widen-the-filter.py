# ends: ok
attempt('seccomp', lambda: syscall(317, 1, 0, ctypes.create_string_buffer(16)))
attempt('keep capabilities', lambda: syscall(157, 8, 1, 0, 0, 0))
attempt('dumpable', lambda: syscall(157, 4, 1, 0, 0, 0))
