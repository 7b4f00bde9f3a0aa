# ends: ok error cpu-timeout wall-timeout memory
while True:
    try:
        os.fork()
    except OSError:
        pass
