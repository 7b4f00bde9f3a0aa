# ends: ok
import resource
attempt('prlimit', lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)))
attempt('prlimit', lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NPROC, (0, 0)))
