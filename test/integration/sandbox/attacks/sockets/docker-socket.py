# ends: ok
import socket
for path in ('/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock'):
    attempt(path, lambda: socket.socket(socket.AF_UNIX).connect(path))
