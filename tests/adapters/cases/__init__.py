"""One module per adapter: how each condition of the contract is brought about for it."""
