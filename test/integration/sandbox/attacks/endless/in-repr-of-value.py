# ends: cpu-timeout
class Hostile:
    def __repr__(self):
        while True:
            pass
Hostile()
