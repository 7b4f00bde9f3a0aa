# ends: ok
# bites without: seccomp
attempt('mq_open', lambda: syscall(240, b'whencode', 0o102, 0o666, 0))
