"""Errors, values, paths, files and TOML: what the rest is built on. Nothing here calls AWS."""
