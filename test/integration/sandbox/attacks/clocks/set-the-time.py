# ends: ok
import time
attempt('clock_settime', lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
attempt('settimeofday', lambda: syscall(164, ctypes.create_string_buffer(16), 0))
attempt('adjtimex', lambda: syscall(159, ctypes.create_string_buffer(256)))
