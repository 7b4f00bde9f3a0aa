# ends: ok error memory
marker = 'MARKER-' + 'q7' * 8
# --- next snippet
import re
found = 0
for line in open('/proc/self/maps'):
    start, end = (int(part, 16) for part in line.split()[0].split('-'))
    if line.split()[1].startswith('rw') and 'stack' not in line:
        data = ctypes.string_at(start, end - start)
        found += len(re.findall(b'MARKER-' + b'(?:q7){8}', data))
        del data
print('BITES' if found else 'held', found)
