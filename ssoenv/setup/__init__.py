"""The first five minutes: a shell with the hook, a first session, a directory bound to a role."""
