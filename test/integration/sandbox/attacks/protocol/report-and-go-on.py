# ends: ok
import struct, time
os.write(3, struct.pack('>I', 6) + b'o-' + struct.pack('>I', 0))
while True:
    pass
