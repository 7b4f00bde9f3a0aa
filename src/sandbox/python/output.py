"""The kept part of a stream, and the cleaning of the work directories."""


class Capture:
    """First and last bytes of a stream: all of it up to `limit`, otherwise three quarters head and one quarter tail."""

    def __init__(self, limit):
        self.limit = limit
        self.tail_size = limit // 4
        self.first = bytearray()
        self.rest = bytearray()
        self.total = 0

    def add(self, data):
        self.total += len(data)
        room = self.limit - len(self.first)
        self.first += data[:room]
        self.rest += data[room:]
        if len(self.rest) > self.tail_size + (1 << 16):
            del self.rest[:-self.tail_size or None]

    def text(self):
        """Never cuts a character; bytes that aren't UTF-8 show as \\xNN, as does NUL, which databases refuse."""
        if self.total <= self.limit:
            return decode(self.first)
        head = trim_end(self.first[: self.limit - self.tail_size])
        tail = trim_start((self.first + self.rest)[-self.tail_size:] if self.tail_size else b'')
        left_out = self.total - len(head) - len(tail)
        return f'{decode(head)}\n[... {left_out} bytes left out ...]\n{decode(tail)}'


def decode(data):
    return data.decode('utf-8', 'backslashreplace').replace('\0', '\\x00')


def trim_end(data):
    """Without the last character if its end is missing."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-back] if back < size else data
        if byte < 0x80:
            return data
    return data


def trim_start(data):
    """Without the last bytes of a character whose start is missing."""
    begin = 0
    while begin < min(3, len(data)) and 0x80 <= data[begin] < 0xC0:
        begin += 1
    return data[begin:]


def empty_directory(path):
    """Removes everything below `path` at any depth, without following links and without another process."""
    if not os.listdir(path):
        return
    os.chdir(path)
    depth = 0
    while True:
        below = None
        for entry in os.scandir('.'):
            if entry.is_dir(follow_symlinks=False):
                try:
                    os.rmdir(entry.name)
                except OSError:
                    below = entry.name
            else:
                os.unlink(entry.name)
        if below is not None:
            os.chdir(below)
            depth += 1
        elif depth > 0:
            os.chdir('..')
            depth -= 1
        else:
            break
    os.chdir('/')


def lend_directories(uid):
    """Gives the empty work directories to a user, and resets what an earlier user changed on them."""
    for path in (WORK_DIRECTORY, SHARED_MEMORY):
        os.chown(path, uid, uid)
        os.chmod(path, 0o700)
        os.utime(path, (EPOCH_SECONDS, EPOCH_SECONDS))
