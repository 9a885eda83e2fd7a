"""Attacks by a repository, or by an account list, as data; and what is asked of each of them.

``repositories``, ``files``, ``addresses`` and ``lists`` make them, each by its name. ``consumers``
and ``seats`` take one through whatever reads it: commands, readers of what these write, and shells.
``oracle`` asks the same of all.
"""
