"""Grades JSON lines of {gold, pred} with Math-Verify; prints one line {verdict, ms} each, then {cpuSeconds, rssMiB}."""
import json
import resource
import sys
import time

from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify


def wrapped(text):
    return text if "$" in text or "\\(" in text or "\\[" in text or "boxed" in text or len(text) > 200 else f"${text}$"


def as_in_verl(gold, pred):
    """verl's reward: gold in a box, LaTeX only; prediction as LaTeX or plain expression, bare answers in a box."""
    answer = pred if "boxed" in pred or "$" in pred or len(pred) > 120 else "\\boxed{" + pred + "}"
    parsed_gold = parse("\\boxed{" + gold + "}", (LatexExtractionConfig(),))
    return verify(parsed_gold, parse(answer, (ExprExtractionConfig(), LatexExtractionConfig())))


def at_its_best(gold, pred):
    """Every kind of target on both sides, formulas delimited where they aren't."""
    targets = (LatexExtractionConfig(), ExprExtractionConfig(), StringExtractionConfig())
    return verify(parse(wrapped(gold), targets), parse(wrapped(pred), targets))


grader = {"verl": as_in_verl, "best": at_its_best}[sys.argv[1]]
rows = [json.loads(line) for line in sys.stdin if line.strip()]
grader("1", "1")
start = time.process_time()
for row in rows:
    before = time.process_time()
    try:
        verdict = bool(grader(row["gold"], row["pred"]))
    except Exception:
        verdict = False
    print(json.dumps({"verdict": verdict, "ms": (time.process_time() - before) * 1000}))
print(json.dumps({"cpuSeconds": time.process_time() - start, "rssMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
