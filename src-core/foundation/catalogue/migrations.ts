import { foundation } from "./migrations/0001-foundation.ts";
import { unreadTables } from "./migrations/0002-unread-tables.ts";
import { outbox } from "./migrations/0003-outbox.ts";
import { changes } from "./migrations/0004-changes.ts";
import { leaseSpace } from "./migrations/0005-lease-space.ts";
import { callers } from "./migrations/0006-callers.ts";
import { experiments } from "./migrations/0007-experiments.ts";
import { ledgerCopy } from "./migrations/0008-ledger-copy.ts";

/** The migrations in order. The `user_version` of the database is the number of applied ones. A published migration never changes. */
export const migrations: readonly string[] = [
  foundation,
  unreadTables,
  outbox,
  changes,
  leaseSpace,
  callers,
  experiments,
  ledgerCopy,
];
