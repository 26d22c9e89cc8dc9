import type { AsyncLocalStorage } from "node:async_hooks";

/** Made by the first operation: a face works for none, and would wait for the module to load. */
let current: AsyncLocalStorage<string> | undefined;

/** Runs `work` as operation `id`: what it calls, however deep and late, sees that id in `currentOperation`. */
export function asOperation<T>(id: string, work: () => Promise<T>): Promise<T> {
  current ??= new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)<string>();
  return current.run(id, work);
}

/** The long operation that the calling code works for; undefined outside a supervisor. */
export function currentOperation(): string | undefined {
  return current?.getStore();
}
