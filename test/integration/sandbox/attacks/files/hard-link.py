# ends: ok
attempt('hard link to shadow', lambda: os.link('/etc/shadow', '/tmp/shadow'))
attempt('hard link to a device', lambda: os.link('/dev/null', '/tmp/null'))
attempt('read shadow', lambda: open('/etc/shadow').read())
