"""What makes files of the project, or measures it; none of it is a test."""
