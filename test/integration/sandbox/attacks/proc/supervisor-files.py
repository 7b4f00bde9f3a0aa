# ends: ok
for name in ('environ', 'maps', 'mem', 'auxv', 'stack'):
    for pid in (1, os.getppid()):
        attempt(f'/proc/{pid}/{name}', lambda: open(f'/proc/{pid}/{name}', 'rb').read(10))
