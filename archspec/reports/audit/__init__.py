"""Every printed figure of every spec against the arithmetic, paper by paper."""
