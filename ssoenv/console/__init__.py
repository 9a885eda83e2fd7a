"""The AWS console as a role: whose session, where in the console, and in which browser."""
