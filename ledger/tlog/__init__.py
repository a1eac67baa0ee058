"""The formats of transparency logs (C2SP, RFC 6962): trees, proofs, signed notes, checkpoints, tiles. Pure."""
