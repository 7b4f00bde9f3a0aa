"""Shared by supervisor, template and child: frames, descriptors, and system calls that Python lacks."""
import array
import ctypes
import json
import os
import signal
import socket
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
WORK_DIRECTORY = '/tmp'
SHARED_MEMORY = '/dev/shm'


def read_exactly(fd, size):
    """Reads `size` bytes from a descriptor; None at its end."""
    parts = []
    while size > 0:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b''.join(parts)


def read_frame(fd):
    """One message (4 bytes of length, big-endian, then the bytes), or None at the end."""
    head = read_exactly(fd, 4)
    return None if head is None else read_exactly(fd, struct.unpack('>I', head)[0])


def write_all(fd, data):
    view = memoryview(data)
    while len(view):
        view = view[os.write(fd, view):]


def write_frame(fd, payload):
    write_all(fd, struct.pack('>I', len(payload)) + payload)


def send_descriptors(sock, descriptors):
    sock.sendmsg([b'F'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', descriptors).tobytes())])


def receive_descriptors(sock, count):
    """The descriptors of one message, or None when the other side is gone."""
    message, ancillary, _flags, _address = sock.recvmsg(1, socket.CMSG_SPACE(count * 4))
    if not message:
        return None
    received = array.array('i')
    for _level, _kind, data in ancillary:
        received.frombytes(data)
    return list(received)


def close_from(lowest):
    os.closerange(lowest, 4096)


def read_text(path):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ''
    parts = []
    try:
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
    except OSError:
        # The process ended in the meantime.
        pass
    finally:
        os.close(descriptor)
    return b''.join(parts).decode('utf-8', 'replace')


def status_fields(pid):
    """/proc/PID/status as a dictionary; empty when the process is gone."""
    fields = {}
    for line in read_text(f'/proc/{pid}/status').splitlines():
        name, _, value = line.partition(':')
        fields[name] = value.strip()
    return fields
