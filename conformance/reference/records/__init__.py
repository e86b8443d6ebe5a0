"""What is kept: every version of every resource, and the index that searches run on."""
