"""What several tests of sessions need."""

from export_server import bring, serve

__all__ = ["bring", "serve"]
