# ends: ok
try:
    with open('/dev/shm/x', 'wb') as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    print('BITES')
except OSError:
    print('held')
