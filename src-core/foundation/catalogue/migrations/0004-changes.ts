/**
 * The change feed: what a face learns of facts that others wrote. AUTOINCREMENT: a number that was pruned never comes again. The epoch is
 * made with the database, so that a catalogue that was rebuilt has another one.
 */
export const changes = `
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, ids TEXT NOT NULL
) STRICT;

CREATE TABLE feed (
  id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL
) STRICT;
INSERT INTO feed (id, epoch) VALUES (1, lower(hex(randomblob(8))));
`;
