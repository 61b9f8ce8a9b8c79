"""What the numbers mean: promises, budgets, burn rates. Pure functions over values and times."""
