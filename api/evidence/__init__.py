"""Evidence packs: what a log holds of a case, with the proofs, so that nobody needs the ledger to believe it."""
