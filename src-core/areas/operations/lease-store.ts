import type { Catalogue, CatalogueReader } from "../../foundation/catalogue/open.ts";
import { isSameProcessAlive, ownIdentity, type ProcessIdentity } from "../../foundation/files/process-identity.ts";

/** Exclusive rights of one process, by name ("supervisor"). A right whose holder died is free. */

/** The process that took a lease last, dead or alive; undefined where it was given back. */
export function lastHolder(reader: CatalogueReader, name: string): ProcessIdentity | undefined {
  const row = reader.get("SELECT pid, start_time, boot_id FROM leases WHERE name = ?", name);
  return row && { pid: Number(row.pid), startTime: String(row.start_time), bootId: String(row.boot_id) };
}

/** The process that holds a lease; undefined if no process does, or its holder has ended. */
export function liveHolder(reader: CatalogueReader, name: string): ProcessIdentity | undefined {
  const holder = lastHolder(reader, name);
  return holder !== undefined && isSameProcessAlive(holder) ? holder : undefined;
}

/** Takes a free lease for this process; false where another live process holds it. Taking one's own again is true. */
export function takeLease(catalogue: Catalogue, name: string, now: Date): boolean {
  const self = ownIdentity();
  return catalogue.write((writer) => {
    const holder = liveHolder(writer, name);
    if (holder !== undefined && holder.pid !== self.pid) return false;
    writer.run(
      "INSERT OR REPLACE INTO leases (name, pid, start_time, boot_id, acquired_at) VALUES (?, ?, ?, ?, ?)",
      name,
      self.pid,
      self.startTime,
      self.bootId,
      now.getTime(),
    );
    return true;
  });
}

/** Gives up the caller's lease if `isWanted` (called in the same transaction) allows it; true if it was given up. */
export function releaseLease(
  catalogue: Catalogue,
  name: string,
  isWanted: (reader: CatalogueReader) => boolean = () => false,
): boolean {
  return catalogue.write((writer) => {
    if (isWanted(writer)) return false;
    writer.run("DELETE FROM leases WHERE name = ? AND pid = ?", name, process.pid);
    return true;
  });
}
