/** A decision on an experiment: its verdict is recorded, and nothing is promoted. */
export const experiments = `
ALTER TABLE decisions ADD COLUMN is_experiment INTEGER NOT NULL DEFAULT 0;
`;
