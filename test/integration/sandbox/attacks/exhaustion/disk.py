# ends: ok
written = 0
try:
    for number in range(100):
        with open(f'/tmp/{number}', 'wb') as file:
            written += file.write(bytes(4 << 20))
    print('BITES')
except OSError:
    print('held', written)
