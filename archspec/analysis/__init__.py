"""What is found out about a network: its shapes, what it costs, and whether its printed figures agree."""
