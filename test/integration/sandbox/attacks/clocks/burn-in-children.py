# ends: cpu-timeout
# Each process alone stays below its limit; all of them together are counted.
while True:
    pid = os.fork()
    if pid == 0:
        x = 0
        for i in range(3_000_000):
            x += i
        os._exit(0)
    os.waitpid(pid, 0)
