# ends: cpu-timeout
import resource, signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
