import { AppError } from "../../../contract/errors.ts";

interface Once<T> {
  /** Finds everything on the server with the mark of this request, the one to keep first. */
  readonly find: () => Promise<readonly T[]>;
  /** Creates it with a single request, whose response may be lost. */
  readonly create: () => Promise<unknown>;
  /** Removes a duplicate from a repeated request. */
  readonly remove: (duplicate: T) => Promise<unknown>;
  readonly pause: (attempt: number) => Promise<void>;
  readonly attempts: number;
}

/**
 * Creates something exactly once on a server without such a call: search for our mark, create, search again. After a lost response, searches
 * again. Removes duplicates that the network caused.
 */
export async function createOnce<T>(once: Once<T>): Promise<{ readonly made: T; readonly isNew: boolean }> {
  let isNew = false;
  for (let attempt = 1; ; attempt++) {
    const [made, ...duplicates] = await once.find();
    if (made !== undefined) {
      for (const duplicate of duplicates) await once.remove(duplicate);
      return { made, isNew };
    }
    try {
      isNew = true;
      await once.create();
    } catch (error) {
      if (!isUncertain(error) || attempt >= once.attempts) throw error;
      await once.pause(attempt);
      continue;
    }
    if (attempt > once.attempts) {
      throw new AppError({
        code: "tracking/server-failed",
        message: "The MLflow server accepted a request, but doesn't list the result.",
        hint: "Read the server's log. A search over several replicas may be delayed.",
      });
    }
  }
}

/** Checks whether the server may have acted without a response. */
export function isUncertain(error: unknown): boolean {
  return (
    error instanceof AppError && (error.code === "tracking/unreachable" || error.code === "tracking/server-failed")
  );
}
