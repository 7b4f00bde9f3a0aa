# ends: ok
# bites without: seccomp
attempt_call('mq_open', 240, b'whencode', 0o102, 0o666, 0)
attempt_call('mq_unlink', 241, b'whencode')
