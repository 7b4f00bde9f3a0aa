# ends: ok error cpu-timeout wall-timeout memory
import subprocess
while True:
    try:
        subprocess.Popen(['sh', '-c', 'sleep 60 & sleep 60'])
    except OSError:
        pass
