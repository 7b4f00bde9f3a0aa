# ends: ok
import sys, random, gc
os.environ['POISON'] = '1'
os.chdir('/')
os.umask(0)
sys.setrecursionlimit(50)
random.seed(1)
gc.disable()
# --- next snippet
import sys, gc
import os as clean
bad = 'POISON' in clean.environ or clean.getcwd() != '/tmp' or sys.getrecursionlimit() != 1000 or not gc.isenabled()
print('BITES' if bad else 'held')
