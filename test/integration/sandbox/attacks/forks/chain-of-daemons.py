# ends: ok
import time
def go_on():
    while True:
        if os.fork():
            os._exit(0)
        os.setsid()
if os.fork() == 0:
    go_on()
time.sleep(0.1)
