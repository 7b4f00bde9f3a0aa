# ends: ok
for name in ('net', 'pid', 'user', 'mnt'):
    attempt(name, lambda: syscall(308, os.open(f'/proc/self/ns/{name}', os.O_RDONLY), 0))
