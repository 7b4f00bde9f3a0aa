# ends: ok
# bites without: seccomp
import socket
for family in (socket.AF_INET, socket.AF_INET6):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        attempt(f'{family!r} {kind!r}', lambda: socket.socket(family, kind))
