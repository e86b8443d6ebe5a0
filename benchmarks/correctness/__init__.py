"""How far the validator's judgements agree with others': measured, explained, written to docs/correctness.md."""
