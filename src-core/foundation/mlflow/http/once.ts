import { AppError } from "../../../contract/errors.ts";

interface Once<T> {
  /** Everything on the server that carries this request's mark, the one to keep first. */
  readonly find: () => Promise<readonly T[]>;
  /** Makes it; sent once, its answer may be lost. */
  readonly create: () => Promise<unknown>;
  /** Removes what a doubled request made beside the one that is kept. */
  readonly remove: (duplicate: T) => Promise<unknown>;
  readonly pause: (attempt: number) => Promise<void>;
  readonly attempts: number;
}

/**
 * Makes something exactly once on a server that offers no such call: look for our mark, create, look again. A lost answer
 * leads back to looking; what a network doubled is removed.
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
        message: "The MLflow server accepted something, but doesn't list it afterwards.",
        hint: "Look at the server's log; a search over several replicas may lag behind.",
      });
    }
  }
}

/** True where the server may have acted although it didn't say so. */
export function isUncertain(error: unknown): boolean {
  return (
    error instanceof AppError && (error.code === "tracking/unreachable" || error.code === "tracking/server-failed")
  );
}
