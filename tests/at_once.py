"""Racing: calls that start together, each in a thread with a connection of its own."""

import threading

from django.db import connections


def at_once(*calls):
    """Run the calls in threads that start together; return what each gave or raised."""
    outcomes: list[object] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(number, call):
        gate.wait()
        try:
            outcomes[number] = call()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
