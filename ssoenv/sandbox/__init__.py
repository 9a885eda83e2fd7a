"""A local IAM Identity Center for trials and tests: stateful, strict, on loopback only.

Knows the ground floor of the house, and how it reads TOML. Nothing it hands out is worth anything
anywhere else, and everything it hands out says so by its prefix.
"""
