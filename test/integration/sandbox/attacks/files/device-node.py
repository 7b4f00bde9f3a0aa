# ends: ok
import stat
attempt('memory', lambda: os.mknod('/tmp/mem', 0o666 | stat.S_IFCHR, os.makedev(1, 1)))
attempt('disk', lambda: os.mknod('/tmp/disk', 0o666 | stat.S_IFBLK, os.makedev(254, 0)))
