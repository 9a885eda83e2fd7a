"""The administrator's side: what there is in an Identity Center, and who has access by what."""
