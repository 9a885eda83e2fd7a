"""Profiles for accounts and roles in the AWS config, its sessions, and what other tools left."""
