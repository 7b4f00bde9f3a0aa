# ends: cpu-timeout memory
import math
math.factorial(10 ** 9)
