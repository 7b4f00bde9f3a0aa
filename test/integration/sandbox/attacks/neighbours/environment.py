# ends: ok
allowed = {'PYTHONHASHSEED', 'OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MALLOC_ARENA_MAX', 'LANG', 'TZ', 'HOME', 'TMPDIR', 'PATH', 'HOSTNAME', 'PYTHONDONTWRITEBYTECODE', 'WHENCODE_BOOT', 'LC_CTYPE'}
left = set(os.environ) - allowed
print('BITES' if left else 'held', left)
