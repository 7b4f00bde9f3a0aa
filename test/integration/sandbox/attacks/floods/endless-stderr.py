# ends: output
while True:
    os.write(2, b'\xff' * 65536)
