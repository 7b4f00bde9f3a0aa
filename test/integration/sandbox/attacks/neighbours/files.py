# ends: ok
open('/tmp/secret', 'w').write('secret')
open('/dev/shm/secret', 'w').write('secret')
# --- next snippet
print('BITES' if os.listdir('/tmp') or os.listdir('/dev/shm') else 'held')
