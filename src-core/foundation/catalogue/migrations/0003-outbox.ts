/**
 * What is still to be sent to another system, and what was. A row is written in the transaction of the fact that it announces; `revision`
 * counts how often it was put, so that a delivery that ends late doesn't mark a newer version as done.
 */
export const outbox = `
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, payload_json TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
  put_at INTEGER NOT NULL, due_at INTEGER NOT NULL, tried INTEGER NOT NULL DEFAULT 0, tried_at INTEGER, error_json TEXT, done_at INTEGER,
  UNIQUE (kind, subject)
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE done_at IS NULL;
`;
