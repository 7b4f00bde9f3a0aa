"""The process that runs one rollout's blocks. It is forked from the template, and exits or waits when a block ends.

Its report is untrusted: it only supplies text for its own result, and never controls the supervisor.
"""
import ast
import linecache
import marshal
import threading
import traceback
import types

CONTROL_FD = 3
REPLAY, FINAL = b'R', b'F'
MAX_EXCEPTION_BYTES = 4096
# Python frames below a snippet's first one.
OWN_FRAMES = 10


def prepare_world():
    """Prepares the interpreter state of every child, once in the template; returns the function that a child calls to
    enter it.
    """
    open_streams()
    chance, clock = Chance(), Clock()
    keep_stock_recursion(OWN_FRAMES)
    sys.argv = ['']
    module = types.ModuleType('__main__')
    module.__builtins__ = sys.modules['builtins']

    def enter(seed):
        chance.seed(seed)
        clock.start()
        # os.fork would have done this.
        threading.main_thread()._set_native_id()
        sys.modules['__main__'] = module
        sys.setrecursionlimit(STOCK_RECURSION_LIMIT)
        return module

    return enter


def serve_blocks(enter_world):
    """Main of the child; never returns. stdin, stdout, stderr and CONTROL_FD are in place, all else is closed."""
    read_next, report, leave = read_frame, write_frame, os._exit
    own_pid, get_pid, cpu_clock_ms = os.getpid(), os.getpid, lambda: time.process_time_ns() // 1_000_000
    parked = marshal.loads(read_next(CONTROL_FD))
    leave_root(parked['uid'], parked['protectionsOff'])
    rehearse(enter_world)
    frame = read_next(CONTROL_FD)
    if frame is None:
        leave(0)
    config = marshal.loads(frame)
    set_limits(config['limits'], config['blockCount'], parked['protectionsOff'])
    module = enter_world(config['seed'])
    number = 0
    while True:
        frame = read_next(CONTROL_FD)
        if frame is None:
            leave(0)
        number += 1
        outcome, exception, value = run_block(frame[1:], number, module, config)
        if get_pid() != own_pid:
            # The snippet forked, and its copy ended too.
            leave(0 if outcome == b'o' else 1)
        stays = frame[:1] == REPLAY or cpu_clock_ms() >= config['keepAboveCpuMs']
        # Then it waits for the next block, or to be killed after its clocks are read.
        report(CONTROL_FD, outcome + (b'+' if stays else b'-') + struct.pack('>I', len(exception)) + exception + value)


def rehearse(enter_world):
    """Runs an empty block, so that the memory pages that a block writes to are private before the real block."""
    enter_world(0)
    run_block(b"print('', end='')", 0, types.ModuleType('__main__'), {'showValue': False})
    linecache.cache.clear()


def run_block(code, number, module, config):
    """Runs one block in the module: (b'o' ok | b'e' error | b'm' memory, exception line, repr of the last value)."""
    outcome, exception, value = b'o', b'', b''
    try:
        source = code.decode('utf-8', 'surrogatepass')
        name = f'<block {number}>'
        module.__file__ = name
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        body, last = compile_block(source, name, config['showValue'])
        exec(body, module.__dict__)
        if last is not None:
            result = eval(last, module.__dict__)
            if result is not None:
                module.__dict__['_'] = result
                value = repr(result).encode('utf-8', 'backslashreplace')[: config['valueBytes']]
        join_threads()
    except SystemExit as stop:
        if stop.code is not None and stop.code != 0:
            outcome, exception = b'e', f'SystemExit: {stop.code}'.encode('utf-8', 'backslashreplace')
            if not isinstance(stop.code, int):
                print(stop.code, file=sys.stderr)
    except BaseException as error:
        outcome = b'm' if isinstance(error, MemoryError) else b'e'
        exception = print_exception(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    return outcome, exception[:MAX_EXCEPTION_BYTES], value


def compile_block(source, name, show_value):
    """The code object, and apart from it the last expression if its value is wanted."""
    if not show_value:
        return compile(source, name, 'exec', dont_inherit=True), None
    tree = ast.parse(source, name)
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return compile(tree, name, 'exec', dont_inherit=True), None
    last = ast.Expression(tree.body.pop().value)
    return compile(tree, name, 'exec', dont_inherit=True), compile(last, name, 'eval', dont_inherit=True)


def join_threads():
    """Does what an interpreter does before it exits: the output of its threads belongs to the snippet."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()


def print_exception(error):
    """Writes the traceback from the snippet's frames on to stderr; returns the line that names the exception."""
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith('<block '):
        trace = trace.tb_next
    name = type(error).__qualname__
    try:
        traceback.print_exception(type(error), error, trace)
        lines = traceback.format_exception_only(type(error), error)
        named = [line for line in lines if line.startswith((name, f'{type(error).__module__}.{name}'))]
        return (named or lines)[-1].splitlines()[0].encode('utf-8', 'backslashreplace')
    except BaseException:
        return name.encode('utf-8', 'backslashreplace')
