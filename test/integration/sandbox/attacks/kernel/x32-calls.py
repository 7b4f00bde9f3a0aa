# ends: ok error
attempt('x32 socket', lambda: syscall(0x40000000 + 41, 2, 1, 0))
attempt('x32 ptrace', lambda: syscall(0x40000000 + 521, 0, 0, 0, 0))
