/**
 * Updates to be sent to another system, and those already sent. A row is written in the transaction of the fact that it announces. `put_at`
 * identifies its version, because a delivery that ends late must not mark a newer version as done.
 */
export const outbox = `
CREATE TABLE outbox (
  kind TEXT NOT NULL, subject TEXT NOT NULL, payload_json TEXT NOT NULL, put_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
  tried INTEGER NOT NULL DEFAULT 0, tried_at INTEGER, error_json TEXT, done_at INTEGER,
  PRIMARY KEY (kind, subject)
) STRICT;
CREATE INDEX outbox_pending ON outbox (put_at) WHERE done_at IS NULL;
`;
