"""The DSA Transparency Database's own API and daily files, so that a platform can point its existing client here.

Fields, rules, messages and status codes are those of its version 2, in force since 2025-07-01. What differs, and why:

- A statement is two things here: `StatementSubmitted`, in its own words, and the restrictions that it imposes, each an
  event in the stream of what it restricts, all in one commit. Views and reports show them as any other restriction.
- A retry is refused there (422, `existing`), and so it is here on the same path: no client is surprised. That loses
  statements whose first answer was lost. `POST /v1/logs/{log}/events` answers a retry with the first receipt.
- Statements are never removed or changed, and daily files never rewritten: later ones say what changed.
- `platform_name` is the slug of the log, `self` and `permalink` are addresses here, and there is no number beside the
  UUID. Where a token is wrong, or the ledger busy, the answer is a problem document (RFC 9457), as everywhere here.
"""
