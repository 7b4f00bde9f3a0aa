# ends: ok
os.symlink('/etc', '/tmp/link')
os.symlink('/', '/tmp/all')
os.symlink('/proc/self/root', '/tmp/proc')
attempt('write through', lambda: open('/tmp/link/passwd', 'a'))
attempt('delete through', lambda: os.unlink('/tmp/link/passwd'))
