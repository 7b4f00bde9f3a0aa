# ends: ok error
# bites without: seccomp
import mmap
# getpid by the 32-bit door: mov eax,20; int 0x80; ret
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b'\xb8\x14\x00\x00\x00\xcd\x80\xc3')
function = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
result = function()
print('BITES' if result == os.getpid() else 'held', result)
