"""The seams at which a fault can make the supplier deviate, each with what the honest supplier does."""
