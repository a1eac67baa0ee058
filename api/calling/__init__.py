"""Calling a ledger over HTTP: what both faces of the client (`api.client`) share. No input or output here."""
