# ends: ok
import resource
for which in (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    try:
        resource.setrlimit(which, (-1, -1))
        print('BITES', which)
    except (OSError, ValueError):
        print('held', which)
