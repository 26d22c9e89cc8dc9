import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** A file system of fixed size, which can be filled, emptied and made read-only. */
export interface SmallDisk {
  /** Absolute. */
  readonly folder: string;
  /** Fills it up except for so many bytes. */
  readonly fillBut: (freeBytes: number) => void;
  readonly empty: () => void;
  readonly readOnly: (isReadOnly: boolean) => void;
  readonly release: () => void;
}

/** A tmpfs (only root may mount one), or the reason why there is none. */
export function smallDisk(sizeBytes: number): SmallDisk | string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-disk-"));
  const mount = (...args: string[]) => spawnSync("mount", args, { encoding: "utf8" });
  const mounted = mount("-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", folder);
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return mounted.stderr?.trim() || "mount is not available";
  }
  const filler = path.join(folder, ".filler");
  return {
    folder,
    fillBut: (freeBytes) => {
      rmSync(filler, { force: true });
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
      } catch {
        // Another process took the rest first: it is full, too.
      }
    },
    empty: () => rmSync(filler, { force: true }),
    readOnly: (isReadOnly) => {
      const done = mount("-o", `remount,${isReadOnly ? "ro" : "rw"}`, folder);
      if (done.status !== 0) throw new Error(done.stderr);
    },
    release: () => {
      spawnSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
