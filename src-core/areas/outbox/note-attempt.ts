import { encodeError } from "../../contract/errors.ts";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { Core } from "../../foundation/context.ts";
import { nextDueAt } from "./due.ts";
import { getItem, markDone, markTried, type OutboxVersion } from "./store.ts";

/** Records that an item was delivered. */
export function noteDelivered(core: Pick<Core, "catalogue" | "clock">, item: OutboxVersion): void {
  const now = core.clock.now().getTime();
  note(core, (writer) => markDone(writer, item, now));
}

/** Records a failed attempt, its reason, and when the next one is allowed. */
export function noteFailed(core: Pick<Core, "catalogue" | "clock">, item: OutboxVersion, thrown: unknown): void {
  const now = core.clock.now().getTime();
  const error = encodeError(thrown);
  note(core, (writer) => {
    const tried = (getItem(writer, item)?.tried ?? 0) + 1;
    markTried(writer, item, { triedAt: now, error, dueAt: nextDueAt({ code: error.code, tried, now }) });
  });
}

/** If the outcome can't be recorded (a full disk), the item remains due: sending it again changes nothing. */
function note(core: Pick<Core, "catalogue">, work: (writer: CatalogueWriter) => void): void {
  try {
    core.catalogue().write(work);
  } catch {
    // The next command sends it again.
  }
}
