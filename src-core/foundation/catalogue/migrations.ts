import { foundation } from "./migrations/0001-foundation.ts";
import { unreadTables } from "./migrations/0002-unread-tables.ts";
import { outbox } from "./migrations/0003-outbox.ts";
import { changes } from "./migrations/0004-changes.ts";

/** In order; the database's `user_version` is the number of migrations it has. A migration that landed is never edited. */
export const migrations: readonly string[] = [foundation, unreadTables, outbox, changes];
