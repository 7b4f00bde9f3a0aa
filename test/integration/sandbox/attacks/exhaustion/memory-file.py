# ends: ok memory
fd = os.memfd_create('x')
attempt('8 GiB', lambda: os.truncate(fd, 8 << 30))
attempt('fallocate', lambda: os.posix_fallocate(fd, 0, 8 << 30))
