import { parentPort } from "node:worker_threads";
import { encodeError } from "../src-core/contract/errors.ts";
import { type FileBatch, hashBatch } from "../src-core/foundation/store/store-files.ts";
import { type FactTable, fillTable } from "../src-core/foundation/store/walk-files.ts";

/** Answers each request with its result or the encoded error; progress of large files goes ahead of it. */
type Request =
  | { readonly kind: "hash"; readonly batch: FileBatch }
  | { readonly kind: "look"; readonly root: string; readonly names: string; readonly table: FactTable };

const progressBytes = 16 << 20;

parentPort?.on("message", async (request: Request) => {
  try {
    parentPort?.postMessage({ kind: "done", value: await answer(request) });
  } catch (error) {
    parentPort?.postMessage({ kind: "failed", error: encodeError(error) });
  }
});

async function answer(request: Request): Promise<readonly string[] | null> {
  if (request.kind === "look") {
    fillTable(request.root, request.names.split("\0"), request.table);
    return null;
  }
  let pending = 0;
  const report = () => {
    parentPort?.postMessage({ kind: "progress", bytes: pending });
    pending = 0;
  };
  const hashes = await hashBatch(request.batch, (bytes) => {
    pending += bytes;
    if (pending >= progressBytes) report();
  });
  report();
  return hashes;
}
