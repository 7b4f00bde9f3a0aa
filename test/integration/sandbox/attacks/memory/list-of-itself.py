# ends: memory cpu-timeout error
x = [1]
while True:
    x = x + x
