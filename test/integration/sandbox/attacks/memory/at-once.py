# ends: memory
# bites without: memory
data = bytearray(1 << 30)
print('BITES')
