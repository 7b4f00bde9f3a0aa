# ends: wall-timeout
os.kill(os.getpid(), 19)
