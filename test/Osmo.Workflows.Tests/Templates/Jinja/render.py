"""Renders templates with Jinja2 as upstream configures it.

Standard input: one JSON object {"variables": {...}, "templates": [...]}.
Standard output: a JSON list with, for each template, [kind, text, line]: kind is "ok", the name of one of Jinja's exceptions, or "other".
"""
import json
import signal
import sys

from jinja2 import StrictUndefined, exceptions
from jinja2.sandbox import SandboxedEnvironment

NAMED = ("UndefinedError", "TemplateSyntaxError", "TemplateAssertionError", "SecurityError")


def too_long(signum, frame):
    raise TimeoutError("too long")


def render(text, variables):
    try:
        environment = SandboxedEnvironment(undefined=StrictUndefined)
        return ["ok", environment.from_string(text).render(**json.loads(variables)), 0]
    except Exception as error:
        kind = type(error).__name__
        if isinstance(error, exceptions.TemplateRuntimeError) and str(error).startswith(("No filter named", "No test named")):
            kind = "TemplateAssertionError"
        return [kind if kind in NAMED else "other", f"{type(error).__name__}: {error}" if kind not in NAMED else str(error), getattr(error, "lineno", 0)]


def main():
    request = json.load(sys.stdin)
    variables = json.dumps(request["variables"])
    signal.signal(signal.SIGALRM, too_long)
    results = []
    for text in request["templates"]:
        signal.setitimer(signal.ITIMER_REAL, 5)
        results.append(render(text, variables))
        signal.setitimer(signal.ITIMER_REAL, 0)
    json.dump(results, sys.stdout)


main()
