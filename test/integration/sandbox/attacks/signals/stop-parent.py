# ends: ok
attempt('SIGSTOP to the template', lambda: os.kill(os.getppid(), 19))
