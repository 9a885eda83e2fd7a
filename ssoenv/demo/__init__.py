"""A tour of ssoenv on its own Identity Center: real shells, real terminals, all of it checked."""
