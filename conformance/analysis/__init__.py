"""Facts about exported files, computed from a stream of lines."""
