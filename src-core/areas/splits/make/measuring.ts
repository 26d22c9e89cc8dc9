import type { Duck } from "../../../foundation/duck/open.ts";
import { measureSide, type WrittenSide } from "./parquet-side.ts";

/** Digests of written files, computed while their asker goes on writing and checking. */
export interface Measuring {
  /** The file is complete and stays as it is. */
  readonly add: (file: string) => void;
  /** Facts by file, when all are there. */
  readonly ended: () => Promise<ReadonlyMap<string, WrittenSide>>;
  /** Lets the file in work come to its end and leaves the others: the database may be closed then. */
  readonly close: () => Promise<void>;
}

/** Measures one file after another on a connection of its own: hashing takes one core while the database takes the other. */
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
      // Told to whoever waits for the end; until then a failure isn't unhandled.
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
