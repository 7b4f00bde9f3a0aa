# ends: ok
import shutil, subprocess
shutil.copy('/bin/su', '/tmp/su')
os.chmod('/tmp/su', 0o4755)
attempt('run a copy', lambda: subprocess.run(['/tmp/su', '-c', 'id']))
done = subprocess.run(['su', '-c', 'id'], input='', capture_output=True, text=True)
print('BITES' if 'uid=0' in done.stdout else 'held', done.stderr.strip()[:60])
