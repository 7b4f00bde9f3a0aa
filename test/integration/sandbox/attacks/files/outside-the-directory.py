# ends: ok
# bites without: read-only,uid
for path in ('/x', '/etc/x', '/usr/lib/python3/dist-packages/sympy/x', '/var/tmp/x', '/dev/x', '/home/x', '/run/x', '/root/x'):
    attempt(path, lambda: open(path, 'w'))
