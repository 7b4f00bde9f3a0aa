# ends: output memory
print('x' * (200 << 20))
