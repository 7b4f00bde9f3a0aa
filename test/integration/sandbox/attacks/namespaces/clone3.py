# ends: ok
import struct
def clone3():
    arguments = ctypes.create_string_buffer(struct.pack('8Q', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)
    pid = syscall(435, arguments, 64)
    if pid == 0:
        os._exit(0)
    return pid
attempt('clone3 with a user namespace', clone3)
