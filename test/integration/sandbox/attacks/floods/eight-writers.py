# ends: output
for _ in range(8):
    if os.fork() == 0:
        while True:
            os.write(1, b'y' * 4096)
while True:
    os.write(1, b'z')
