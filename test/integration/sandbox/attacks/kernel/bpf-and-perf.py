# ends: ok
attempt('bpf', lambda: syscall(321, 0, ctypes.create_string_buffer(128), 128))
attempt('perf_event_open', lambda: syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0))
attempt('userfaultfd', lambda: syscall(323, 0))
