# ends: ok
# bites without: seccomp
attempt('shmget', lambda: syscall(29, 4711, 4096, 0o1666))
attempt('semget', lambda: syscall(64, 4711, 1, 0o1666))
attempt('msgget', lambda: syscall(68, 4711, 0o1666))
