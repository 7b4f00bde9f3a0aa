# ends: ok
for name, bit in (('user', 0x10000000), ('mount', 0x20000), ('net', 0x40000000), ('pid', 0x20000000), ('uts', 0x4000000)):
    attempt(name, lambda: syscall(272, bit))
