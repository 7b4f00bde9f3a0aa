# ends: ok
attempt('tgkill', lambda: syscall(234, 1, 1, 9))
attempt('rt_sigqueueinfo', lambda: syscall(129, 1, 9, ctypes.create_string_buffer(128)))
attempt('pidfd_open', lambda: syscall(424, 1, 9, 0, 0))
