"""Everything that talks to AWS; only here is boto3 known."""
