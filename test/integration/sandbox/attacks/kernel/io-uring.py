# ends: ok
# bites without: seccomp
attempt_call('io_uring_setup', 425, 4, ctypes.create_string_buffer(120))
attempt_call('io_uring_register', 427, 0, 0, 0, 0)
