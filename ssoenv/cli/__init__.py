"""The front end: words in, words out; each command in a room of its own."""
