# ends: ok
attempt('chroot', lambda: os.chroot('/tmp'))
attempt('fsopen', lambda: syscall(430, b'tmpfs', 0))
attempt('open_tree', lambda: syscall(428, -100, b'/', 1))
attempt('open_by_handle_at', lambda: syscall(304, -100, ctypes.create_string_buffer(64), 0))
