"""Generated rows: ways to change directory x ways to start a program x what is in the environment.

``commands`` and ``environments`` have the choices, ``rows`` puts them together, ``world`` is the home
that they run in, ``run`` types a row into a real shell, and ``oracle`` says what programs may have.
"""

SEED, COUNT = 10, 300
"""The sample that `make test` runs."""
