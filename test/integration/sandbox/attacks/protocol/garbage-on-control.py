# ends: ok error cpu-timeout
os.write(3, b'\xff' * 5000)
while True:
    pass
