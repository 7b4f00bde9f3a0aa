# ends: error
# The stock limit of 4300 digits holds.
print(10 ** 5000)
