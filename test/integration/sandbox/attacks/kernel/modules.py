# ends: ok
attempt('init_module', lambda: syscall(175, b'', 0, b''))
attempt('kexec_load', lambda: syscall(246, 0, 0, 0, 0))
attempt('iopl', lambda: syscall(172, 3))
attempt('reboot', lambda: syscall(169, 0xFEE1DEAD, 672274793, 0x1234567, 0))
