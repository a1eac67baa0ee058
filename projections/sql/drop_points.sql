-- Let go of where streams have come to.
DELETE FROM point
