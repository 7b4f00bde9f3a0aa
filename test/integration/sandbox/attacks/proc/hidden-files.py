# ends: ok
for name in ('kcore', 'keys', 'timer_list', 'sched_debug', 'cmdline', 'version', 'interrupts'):
    try:
        text = open('/proc/' + name, 'rb').read(50)
    except OSError:
        text = b''
    print('BITES' if text else 'held', name, text)
