# ends: ok
attempt('attach to PID 1', lambda: syscall(101, 16, 1, 0, 0))
attempt('seize the template', lambda: syscall(101, 0x4206, os.getppid(), 0, 0))
attempt('trace me', lambda: syscall(101, 0, 0, 0, 0))
