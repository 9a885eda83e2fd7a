"""What commonly goes wrong, looked at one thing after the other; each finding with its fix."""
