# ends: memory
# bites without: memory
data = bytearray(640 << 20)
print('BITES')
