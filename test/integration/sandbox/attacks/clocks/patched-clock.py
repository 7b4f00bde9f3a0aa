# ends: cpu-timeout
import time
time.monotonic = time.time = time.process_time = lambda: 0
while True:
    pass
