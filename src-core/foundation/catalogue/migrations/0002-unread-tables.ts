/**
 * Drops tables and a column that nothing read. They duplicated the folder of a run: the result of a stage is in `stages/<stage>.json`, with
 * the split and the versioned data; the attempts of a job are in `<job>/attempts/`.
 */
export const unreadTables = `
ALTER TABLE stages DROP COLUMN result_json;
DROP TABLE splits;
DROP TABLE datasets;
DROP TABLE job_attempts;
`;
