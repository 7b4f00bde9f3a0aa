# ends: ok
# bites without: processes
import time
count = 0
try:
    while count < 300:
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        count += 1
except OSError:
    pass
print('BITES' if count >= 300 else 'held', count)
