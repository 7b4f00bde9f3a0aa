# ends: ok
# bites without: uid
attempt('list', lambda: os.listdir('/proc/1/fd'))
for number in range(3):
    attempt(f'write {number}', lambda: write(f'/proc/1/fd/{number}', b'forged'))
attempt('root', lambda: os.listdir('/proc/1/root'))
attempt('cwd', lambda: os.listdir('/proc/1/cwd'))
