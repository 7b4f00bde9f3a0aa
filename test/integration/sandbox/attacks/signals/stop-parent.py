# ends: ok
# bites without: uid
attempt('SIGSTOP to the template', lambda: os.kill(os.getppid(), 19))
