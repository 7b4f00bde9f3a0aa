# ends: ok
# bites without: seccomp
attempt('personality', lambda: syscall(135, 0x400000))
attempt('modify_ldt', lambda: syscall(154, 0, ctypes.create_string_buffer(64), 64))
