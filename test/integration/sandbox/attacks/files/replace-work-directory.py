# ends: ok
attempt('rename', lambda: os.rename('/tmp', '/tmp2'))
attempt('remove', lambda: os.rmdir('/tmp'))
attempt('give away', lambda: os.chown('/tmp', 0, 0))
os.chmod('/tmp', 0)
