/** The lines of the ledger: what restores its file after it was cut or changed. */
export const ledgerCopy = `
CREATE TABLE ledger_copy (
  ledger_index INTEGER PRIMARY KEY, line TEXT NOT NULL
) STRICT;
`;
