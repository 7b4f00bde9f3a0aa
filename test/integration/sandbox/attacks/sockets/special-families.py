# ends: ok
# bites without: seccomp
import socket
for number in range(50):
    if number != socket.AF_UNIX:
        attempt(f'family {number}', lambda: socket.socket(number, socket.SOCK_STREAM))
