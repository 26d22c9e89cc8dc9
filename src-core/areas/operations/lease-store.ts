import type { Catalogue, CatalogueReader } from "../../foundation/catalogue/open.ts";
import { isSameProcessAlive, ownIdentity, type ProcessIdentity } from "../../foundation/files/process-identity.ts";

/**
 * Who works on the project, by name ("supervisor"): for people, and so that giving it up and the look at the queue are one transaction. The
 * right itself is the kernel's lock on a file; a row whose lock isn't held says nothing, and a copied catalogue has one.
 */

/** The process that took a lease last, dead or alive; undefined where it was given back. */
export function lastHolder(reader: CatalogueReader, name: string): ProcessIdentity | undefined {
  const row = reader.get("SELECT pid, start_time, boot_id, namespace, host FROM leases WHERE name = ?", name);
  return (
    row && {
      pid: Number(row.pid),
      startTime: String(row.start_time),
      bootId: String(row.boot_id),
      namespace: String(row.namespace),
      host: String(row.host),
    }
  );
}

/**
 * Notes this process as the holder of a lease, whose lock it must hold. True if the holder before lives: as it doesn't have the lock, it works
 * in another folder, of which this one is a copy.
 */
export function takeLease(catalogue: Catalogue, name: string, now: Date): boolean {
  const { pid, startTime, bootId, namespace, host } = ownIdentity();
  return catalogue.write((writer) => {
    const before = lastHolder(writer, name);
    writer.run(
      "INSERT OR REPLACE INTO leases (name, pid, start_time, boot_id, namespace, host, acquired_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[name, pid, startTime, bootId, namespace, host, now.getTime()],
    );
    return before !== undefined && before.pid !== pid && isSameProcessAlive(before);
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
