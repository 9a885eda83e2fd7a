"""The right AWS role in the shell for the directory you are in, and gone when you leave."""

__version__ = "0.1.0"
