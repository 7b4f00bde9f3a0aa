# ends: ok
# bites without: uid
for pid in sorted(int(name) for name in os.listdir('/proc') if name.isdigit()):
    if pid != os.getpid():
        attempt(f'kill {pid}', lambda: os.kill(pid, 9))
