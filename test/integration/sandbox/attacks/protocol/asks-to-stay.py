# ends: ok
import struct, time
if os.fork() == 0:
    os.write(3, struct.pack('>I', 6) + b'o+' + struct.pack('>I', 0))
    time.sleep(60)
time.sleep(60)
