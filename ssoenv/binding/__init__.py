"""The ``.ssoenv.toml`` of a project: read, edited, compared."""
