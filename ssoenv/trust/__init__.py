"""Which binding files and roles may act: granted, kept, taken back, and rendered anew."""
