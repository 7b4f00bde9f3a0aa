# ends: ok
import time
if os.fork() == 0:
    time.sleep(0.3)
    os.write(1, b'BITES late')
    open('/tmp/late', 'w').write('x')
    os._exit(0)
