# ends: ok
import glob
for path in glob.glob('/sys/fs/cgroup/**/memory.limit_in_bytes', recursive=True) + ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/cgroup.procs']:
    attempt(path, lambda: write(path, b'999999999'))
