# ends: ok
import sympy, builtins, sys
sympy.solve = lambda *_: 'BITES'
builtins.print = None
sys.modules['math'] = None
# --- next snippet
import sympy, math
x = sympy.symbols('x')
print('held' if sympy.solve(x - 2, x) == [2] else 'BITES')
