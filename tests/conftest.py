"""Puts what several test folders share (strategies, evidence made by hand) within reach of an import."""
