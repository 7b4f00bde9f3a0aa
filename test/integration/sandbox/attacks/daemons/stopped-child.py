# ends: ok
import signal, time
pid = os.fork()
if pid == 0:
    time.sleep(60)
os.kill(pid, signal.SIGSTOP)
