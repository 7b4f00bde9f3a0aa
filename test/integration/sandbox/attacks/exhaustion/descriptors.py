# ends: ok
# bites without: files
opened = []
try:
    while len(opened) < 5000:
        opened.append(os.open('/dev/null', os.O_RDONLY))
except OSError as refusal:
    os.write(1, b'held %d\n' % len(opened))
else:
    os.write(1, b'BITES\n')
