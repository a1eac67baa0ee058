"""What rules and claims are asked of: sellers, listings and platforms as flat records along their course (7.6, D10)."""
