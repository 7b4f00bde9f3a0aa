# ends: ok
attempt('setuid', lambda: os.setuid(0))
attempt('setresuid', lambda: syscall(117, 0, 0, 0))
attempt('setgroups', lambda: os.setgroups([0]))
attempt('capset', lambda: syscall(126, ctypes.create_string_buffer(8), ctypes.create_string_buffer(24)))
