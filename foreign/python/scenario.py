"""The scenario of ../README.md for a client in the shape of boto3's.

run prints `client <description>`, then `ok <step>` or `FAIL <step>: <why>` for each step.
"""

import os
import traceback
from concurrent.futures import ThreadPoolExecutor

import errors
import fifo
import messages
import queues
import redrive

STEPS = {
    "queues": queues.queues,
    "attributes": queues.attributes,
    "send": messages.send,
    "batch": messages.batch,
    "receive": messages.receive,
    "longpoll": messages.longpoll,
    "visibility": messages.visibility,
    "fifo": fifo.fifo,
    "dlq": redrive.dlq,
    "tags": queues.tags,
    "errors": errors.errors,
    "delete": queues.delete,
}


def run(sqs, client, steps=STEPS, at_once=1):
    """Runs every step, so many at once and the last alone, and returns the exit status: 1 if one failed."""
    print(f"client {client}", flush=True)

    def succeeds(name):
        try:
            steps[name](sqs, os.environ["QUAYSIDE_PREFIX"])
            print(f"ok {name}", flush=True)
            return True
        except Exception as e:  # whatever went wrong is what is to be reported
            line = traceback.extract_tb(e.__traceback__)[1].lineno
            print(f"FAIL {name}: line {line}: {type(e).__name__}: {e}".replace("\n", " "), flush=True)
            return False

    *names, last = steps
    with ThreadPoolExecutor(at_once) as pool:
        outcomes = list(pool.map(succeeds, names))
    outcomes.append(succeeds(last))
    return 0 if all(outcomes) else 1
