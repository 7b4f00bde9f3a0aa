# ends: ok
count = 0
try:
    while count < 20000:
        open(f'/tmp/{count}', 'w').close()
        count += 1
    print('BITES')
except OSError:
    print('held', count)
