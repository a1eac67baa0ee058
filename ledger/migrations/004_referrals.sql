-- Referrals are worked out when they are asked for, with the agreements that they name: their view is gone.

DROP TABLE view_referral;
DELETE FROM cursor WHERE view = 'referral';
