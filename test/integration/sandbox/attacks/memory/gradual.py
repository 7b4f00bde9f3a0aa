# ends: memory cpu-timeout
parts = []
while True:
    parts.append(bytearray(10 << 20))
