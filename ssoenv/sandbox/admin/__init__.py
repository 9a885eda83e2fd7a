"""The administrators' half of the sandbox: sso-admin, identitystore and organizations.

Loaded by the first call of one of them. It keeps nothing of its own: what it shows and changes is
the `Directory` of which the portal hands out roles.
"""
