# ends: ok error
import struct
for _ in range(1000):
    try:
        os.write(3, struct.pack('>I', 6) + b'o+' + struct.pack('>I', 0))
    except OSError:
        break
