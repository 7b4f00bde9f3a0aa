# ends: ok
import socket, urllib.request
attempt('name', lambda: socket.getaddrinfo('example.com', 80))
attempt('http', lambda: urllib.request.urlopen('http://example.com', timeout=1))
attempt('cloud metadata', lambda: socket.create_connection(('169.254.169.254', 80), timeout=1))
