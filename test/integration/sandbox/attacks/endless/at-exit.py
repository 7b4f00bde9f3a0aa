# ends: ok
import atexit, signal
def loop():
    while True:
        pass
atexit.register(loop)
class Undying:
    __del__ = loop
kept = Undying()
