import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<string>();

/** Runs `work` as operation `id`: what it calls, however deep and late, sees that id in `currentOperation`. */
export function asOperation<T>(id: string, work: () => Promise<T>): Promise<T> {
  return current.run(id, work);
}

/** The long operation that the calling code works for; undefined outside a supervisor. */
export function currentOperation(): string | undefined {
  return current.getStore();
}
