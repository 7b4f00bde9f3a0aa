# ends: ok
# bites without: files
attempt('1 TB', lambda: os.truncate(os.open('/tmp/sparse', os.O_CREAT | os.O_RDWR), 1 << 40))
attempt('fallocate', lambda: os.posix_fallocate(os.open('/tmp/full', os.O_CREAT | os.O_RDWR), 0, 1 << 36))
