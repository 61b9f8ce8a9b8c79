"""How a thing is drawn. Knows view models and the words, nothing else of ours."""
