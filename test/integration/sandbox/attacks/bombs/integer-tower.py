# ends: cpu-timeout memory
print(7 ** 7 ** 7 ** 7)
