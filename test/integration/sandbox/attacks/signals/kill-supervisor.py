# ends: ok
for number in (2, 15, 9, 19, 1):
    attempt(f'kill(1, {number})', lambda: os.kill(1, number))
