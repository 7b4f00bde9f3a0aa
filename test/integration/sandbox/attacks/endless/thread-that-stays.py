# ends: cpu-timeout wall-timeout
import threading
def loop():
    while True:
        pass
threading.Thread(target=loop).start()
