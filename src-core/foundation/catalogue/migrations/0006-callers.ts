/**
 * Who requested an operation, and with what: settings without secrets, and a salted digest of the credentials (NULL without any), which only
 * the supervisor's memory has. `needs_credentials` is 1 while it doesn't have them.
 */
export const callers = `
ALTER TABLE operations ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE operations ADD COLUMN space TEXT NOT NULL DEFAULT '';
ALTER TABLE operations ADD COLUMN settings_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE operations ADD COLUMN credentials_json TEXT;
ALTER TABLE operations ADD COLUMN needs_credentials INTEGER NOT NULL DEFAULT 0;
`;
