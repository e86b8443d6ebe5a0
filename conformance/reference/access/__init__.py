"""Who may do what: tokens and how they are got, and the log of what was done with them."""
