# ends: ok
attempt('nice', lambda: os.nice(-20))
attempt('real time', lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
attempt('subreaper', lambda: syscall(157, 36, 1, 0, 0, 0))
