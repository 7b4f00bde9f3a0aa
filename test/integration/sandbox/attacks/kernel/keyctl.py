# ends: ok
# bites without: seccomp
attempt('add_key', lambda: syscall(248, b'user', b'whencode', b'x', 1, -2))
attempt('keyctl', lambda: syscall(250, 0, -3, 1))
attempt('request_key', lambda: syscall(249, b'user', b'whencode', 0, -2))
