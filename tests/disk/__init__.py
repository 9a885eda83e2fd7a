"""Whatever is wrong with a file or a folder: nothing lost, nothing hung, one clear word."""
