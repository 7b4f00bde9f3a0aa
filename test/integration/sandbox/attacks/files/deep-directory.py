# ends: ok error
for _ in range(3500):
    os.mkdir('d')
    os.chdir('d')
