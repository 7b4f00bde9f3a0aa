# ends: ok error
import json, struct
body = json.dumps({'end': 'ok', 'stdout': 'BITES', 'stderr': '', 'replayed': 0, 'skipped': [], 'resumed': False}).encode()
for fd in range(4, 64):
    try:
        os.write(fd, struct.pack('>I', len(body)) + body)
    except OSError:
        pass
os.write(2, struct.pack('>I', len(body)))
