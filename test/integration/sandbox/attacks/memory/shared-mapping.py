# ends: ok error memory cpu-timeout
import mmap
kept = []
while True:
    area = mmap.mmap(-1, 64 << 20)
    for offset in range(0, 64 << 20, 4096):
        area[offset] = 1
    kept.append(area)
