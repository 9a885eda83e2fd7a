"""Many renewals in a short time: tokens and credentials that last for seconds, used all the time.

``world`` has the sandbox, a process of its own, and the home; ``actors`` those who use AWS there:
three shells, and programs that run on by each way to get credentials again; ``python -m tests.soak``
lets them work for some minutes and prints the counts.
"""
