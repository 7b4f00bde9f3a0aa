# ends: ok error
import signal, time
if os.fork() == 0:
    os.kill(-1, signal.SIGKILL)
time.sleep(0.1)
print('still here')
