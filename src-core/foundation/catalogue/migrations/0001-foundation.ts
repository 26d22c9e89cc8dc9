/** First schema. Times are milliseconds since 1970 UTC; columns named `*_json` contain JSON. */
export const foundation = `
CREATE TABLE operations (
  id TEXT PRIMARY KEY, operation TEXT NOT NULL, input_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','running','succeeded','failed','cancelled','interrupted')),
  run_id TEXT, requested_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
  output_json TEXT, error_json TEXT, is_cancel_requested INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX operations_by_state ON operations (state, requested_at);

CREATE TABLE leases (
  name TEXT PRIMARY KEY, pid INTEGER NOT NULL, start_time TEXT NOT NULL, boot_id TEXT NOT NULL, acquired_at INTEGER NOT NULL
) STRICT;

CREATE TABLE config_versions (
  kind TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, first_run_id TEXT NOT NULL, frozen_at INTEGER NOT NULL,
  PRIMARY KEY (kind, version)
) STRICT;

CREATE TABLE datasets (
  hash TEXT PRIMARY KEY, path TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('master','split','reference','other')),
  size_bytes INTEGER NOT NULL, files INTEGER NOT NULL, first_run_id TEXT, seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE splits (
  split_version INTEGER NOT NULL, master_sha256 TEXT NOT NULL, manifest_sha256 TEXT NOT NULL, result_json TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (split_version, master_sha256)
) STRICT;

CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, run_number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, experiment TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('RUNNING','FINISHED','FAILED','KILLED')),
  is_resumable INTEGER NOT NULL DEFAULT 0, fingerprint TEXT NOT NULL,
  split_version INTEGER NOT NULL, feature_version INTEGER NOT NULL, model_version INTEGER NOT NULL, data_contract_version INTEGER NOT NULL,
  stage TEXT, verdict TEXT, started_at INTEGER NOT NULL, ended_at INTEGER, error_json TEXT, params_json TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at DESC);

CREATE TABLE stages (
  run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE, stage TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running','finished','failed','cancelled')),
  started_at INTEGER NOT NULL, ended_at INTEGER, result_json TEXT, error_json TEXT,
  PRIMARY KEY (run_id, stage)
) STRICT;

CREATE TABLE run_metrics (
  run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE, key TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0,
  value REAL NOT NULL, recorded_at INTEGER NOT NULL,
  PRIMARY KEY (run_id, key, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  job_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, kind TEXT NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_by_run ON jobs (run_id);

CREATE TABLE job_attempts (
  job_id TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
  state TEXT NOT NULL, started_at INTEGER, ended_at INTEGER, exit_code INTEGER, exit_signal TEXT, error_json TEXT,
  PRIMARY KEY (job_id, attempt)
) STRICT;

CREATE TABLE models (
  name TEXT NOT NULL, version TEXT NOT NULL, run_id TEXT NOT NULL, digest TEXT NOT NULL, registered_at INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE decisions (
  ledger_index INTEGER PRIMARY KEY, run_id TEXT NOT NULL, model_name TEXT NOT NULL, model_version TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('decision','rollback','override')), verdict TEXT, reason TEXT NOT NULL, actor TEXT NOT NULL,
  production_before TEXT, production_after TEXT, decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_run ON decisions (run_id);

CREATE TABLE ledger_head (
  id INTEGER PRIMARY KEY CHECK (id = 1), entries INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
`;
