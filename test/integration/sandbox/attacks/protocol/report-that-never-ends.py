# ends: cpu-timeout
import struct
os.write(3, struct.pack('>I', 1 << 20) + b'o+')
while True:
    pass
