# ends: ok
# bites without: seccomp
attempt('FIFO', lambda: os.mkfifo('/tmp/fifo'))
