"""What shells read: hooks, rendered bindings and roles, the prompt segment, rc files."""
