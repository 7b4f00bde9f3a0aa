# ends: ok
# bites without: uid
for name, text in (('oom_score_adj', '1000'), ('timerslack_ns', '1'), ('comm', 'x'), ('clear_refs', '1')):
    attempt(name, lambda: write(f'/proc/1/{name}', text.encode()))
