"""The truth: domain, store, proof. Imports neither of the other packages."""
