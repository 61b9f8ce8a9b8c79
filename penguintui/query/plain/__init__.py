"""Plain questions: what most screens and rules ask of few series, answered without arrays."""
