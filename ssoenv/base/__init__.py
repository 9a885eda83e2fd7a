"""The ground: errors, values, paths, files and what reads them. It knows nothing of AWS."""
