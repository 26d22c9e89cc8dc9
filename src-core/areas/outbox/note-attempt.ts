import { encodeError } from "../../contract/errors.ts";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { Core } from "../../foundation/context.ts";
import { nextDueAt } from "./due.ts";
import { getItem, markDone, markTried, type OutboxKey } from "./store.ts";

/** `revision`: of the item as it was sent; without it the present one is meant. */
type Sent = OutboxKey & { readonly revision?: number };

/** Notes that an item was delivered. */
export function noteDelivered(core: Pick<Core, "catalogue" | "clock">, item: Sent): void {
  const at = core.clock.now().getTime();
  note(core, (writer) => markDone(writer, item, { at, ...revisionOf(item) }));
}

/** Notes that an attempt failed, why, and when the next may be. */
export function noteFailed(core: Pick<Core, "catalogue" | "clock">, item: Sent, thrown: unknown): void {
  const at = core.clock.now().getTime();
  const error = encodeError(thrown);
  note(core, (writer) => {
    const tried = (getItem(writer, item)?.tried ?? 0) + 1;
    const dueAt = nextDueAt({ code: error.code, tried, now: at });
    markTried(writer, item, { at, error, dueAt, ...revisionOf(item) });
  });
}

const revisionOf = ({ revision }: Sent) => (revision === undefined ? {} : { revision });

/** What can't be noted (a full disk) stays due: sending it once more changes nothing. */
function note(core: Pick<Core, "catalogue">, work: (writer: CatalogueWriter) => void): void {
  try {
    core.catalogue().write(work);
  } catch {
    // The next command sends it again.
  }
}
