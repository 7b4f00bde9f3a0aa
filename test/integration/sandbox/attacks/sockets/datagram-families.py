# ends: ok
# bites without: seccomp
import socket
for number in (16, 17, 29, 31, 38, 40, 42, 44):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        attempt(f'family {number}', lambda: socket.socket(number, kind))
