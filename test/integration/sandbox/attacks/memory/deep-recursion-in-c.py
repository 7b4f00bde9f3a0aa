# ends: error memory cpu-timeout
value = []
for _ in range(10_000_000):
    value = [value]
repr(value)
