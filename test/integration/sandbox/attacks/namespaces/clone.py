# ends: ok
def clone(flags):
    pid = syscall(56, flags | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return pid
for name, bit in (('user', 0x10000000), ('mount', 0x20000), ('net', 0x40000000), ('cgroup', 0x2000000)):
    attempt(name, lambda: clone(bit))
