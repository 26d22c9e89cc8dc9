import type { Duck } from "../../../foundation/duck/open.ts";
import { measureSide, type WrittenSide } from "./parquet-side.ts";

/** Digests of written files, computed while the caller continues to write and check. */
export interface Measuring {
  /** The file is complete and doesn't change any more. */
  readonly add: (file: string) => void;
  /** Facts by file, once all are known. */
  readonly ended: () => Promise<ReadonlyMap<string, WrittenSide>>;
  /** Finishes the current file and drops the others; the database may be closed afterwards. */
  readonly close: () => Promise<void>;
}

/** Measures one file after another on its own connection: hashing uses one core while the database uses the other. */
export async function startMeasuring(duck: Duck): Promise<Measuring> {
  const sibling = await duck.sibling();
  const measured = new Map<string, WrittenSide>();
  let isClosed = false;
  let queue: Promise<void> = Promise.resolve();
  return {
    add: (file) => {
      queue = queue.then(async () => {
        if (!isClosed) measured.set(file, await measureSide(sibling, file));
      });
      // Reported to the caller that waits for the end; until then a failure isn't unhandled.
      queue.catch(() => undefined);
    },
    ended: async () => {
      await queue;
      return measured;
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled([queue]);
      sibling.close();
    },
  };
}
