# ends: ok error
os.closerange(0, 256)
