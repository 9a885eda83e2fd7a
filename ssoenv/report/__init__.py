"""Everything that there is to say about a directory: what ``ssoenv status`` shows."""
