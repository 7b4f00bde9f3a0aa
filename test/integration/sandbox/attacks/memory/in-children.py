# ends: ok error memory cpu-timeout wall-timeout
for _ in range(8):
    if os.fork() == 0:
        data = b'x' * (200 << 20)
        while True:
            data = bytes(data)
while True:
    pass
