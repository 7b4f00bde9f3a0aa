# ends: ok
for path in ('/sys/kernel/mm/transparent_hugepage/enabled', '/sys/kernel/uevent_helper', '/sys/power/state', '/sys/module/kernel/parameters/panic'):
    attempt(path, lambda: write(path, b'0'))
