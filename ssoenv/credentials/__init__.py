"""A role in, its credentials out: on what terms, by whose yes, from the cache or the service."""
