"""Every way in: HTTP and command line."""
