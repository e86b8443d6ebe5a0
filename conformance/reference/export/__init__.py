"""Bulk exports: kick-off, job, files, manifest and status."""
