# ends: ok
import socket, time
server = socket.socket(socket.AF_UNIX)
server.bind('\0whencode')
server.listen()
if os.fork() == 0:
    time.sleep(60)
# --- next snippet
import socket
attempt('connect to an earlier snippet', lambda: socket.socket(socket.AF_UNIX).connect('\0whencode'))
