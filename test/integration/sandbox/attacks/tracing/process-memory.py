# ends: ok
buffer = ctypes.create_string_buffer(64)
attempt('process_vm_readv', lambda: syscall(310, 1, buffer, 1, buffer, 1, 0))
attempt('process_vm_writev', lambda: syscall(311, os.getppid(), buffer, 1, buffer, 1, 0))
attempt('kcmp', lambda: syscall(312, 1, os.getpid(), 0, 0, 0))
