"""Facts about exported files of any size: chunk to facts, facts merged, references joined out of core.

`examine` is one pure function from the lines of a chunk to its facts and records; `Facts.merge` and
`records.reduced` are associative; `joining.join` works on one range of hashes at a time. So the same code runs in one
process, in several, or on several machines, and comes to the same bytes whatever the chunks were.
"""
