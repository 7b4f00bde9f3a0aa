# ends: ok
attempt('release_agent', lambda: write('/sys/fs/cgroup/memory/release_agent', b'/tmp/x'))
attempt('new cgroup', lambda: os.mkdir('/sys/fs/cgroup/memory/x'))
attempt('freeze', lambda: write('/sys/fs/cgroup/freezer/freezer.state', b'FROZEN'))
