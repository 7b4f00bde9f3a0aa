# ends: ok
attempt('tmpfs', lambda: syscall(165, b'none', b'/tmp', b'tmpfs', 0, 0))
attempt('bind', lambda: syscall(165, b'/', b'/tmp', b'', 4096, 0))
attempt('remount /', lambda: syscall(165, b'', b'/', b'', 32, 0))
