# ends: ok
os.makedirs('/tmp/a/b/c')
open('/tmp/a/b/c/f', 'w').close()
os.chmod('/tmp/a/b', 0o1000)
os.mkdir(b'/tmp/\xff\n\x01')
os.mkdir('/tmp/-rf')
open('/tmp/ ', 'w').close()
os.chmod('/tmp', 0o1777)
os.symlink('loop', '/tmp/loop')
