/**
 * Tables and a column that nothing read. Each said again what a run's folder holds: a stage's result is `stages/<stage>.json`, with the
 * split and what was put under DVC; a job's attempts are in `<job>/attempts/`.
 */
export const unreadTables = `
ALTER TABLE stages DROP COLUMN result_json;
DROP TABLE splits;
DROP TABLE datasets;
DROP TABLE job_attempts;
`;
