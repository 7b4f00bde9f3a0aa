# ends: error
os.killpg(0, 9)
