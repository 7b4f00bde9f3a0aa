# ends: ok
attempt('umount /proc', lambda: syscall(166, b'/proc', 2))
attempt('umount /tmp', lambda: syscall(166, b'/tmp', 2))
attempt('pivot_root', lambda: syscall(155, b'/tmp', b'/tmp'))
