# ends: memory cpu-timeout error
import zlib
data = zlib.compress(bytes(100 << 20), 9)
parts = [zlib.decompress(data) for _ in range(100)]
