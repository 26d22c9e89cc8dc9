import { foundation } from "./migrations/0001-foundation.ts";
import { unreadTables } from "./migrations/0002-unread-tables.ts";
import { outbox } from "./migrations/0003-outbox.ts";

/** In order; the database's `user_version` is the number of migrations it has. A migration that landed is never edited. */
export const migrations: readonly string[] = [foundation, unreadTables, outbox];
