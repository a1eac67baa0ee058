-- Whether a seller hides its listings is asked of every listing of a page, and the answer is seldom yes. What a seller
-- was before is kept beside what it is now, so the view's key leads to all of that, each row in another page.
CREATE INDEX seller_that_holds ON view_seller (log_id, subject) WHERE holds;
