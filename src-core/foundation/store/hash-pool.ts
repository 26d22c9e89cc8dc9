import os from "node:os";
import { cancelled } from "../../contract/errors.ts";
import { ask, borrowThread, giveBack } from "./hash-threads.ts";
import { type FileBatch, type HashName, hashBatch, type Staging } from "./store-files.ts";

/** Amount of work below which starting threads takes longer than the work itself. */
const inlineFiles = 64;
const inlineBytes = 16 << 20;
const batchFiles = 500;
const batchBytes = 64 << 20;

export interface HashRequest {
  readonly files: readonly { readonly file: string; readonly sizeBytes: number }[];
  readonly hashName: HashName;
  readonly staging: Staging | null;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Threads; by default as many as cores. */
  readonly workers?: number | undefined;
}

interface Batch {
  readonly places: readonly number[];
  readonly bytes: number;
}

/**
 * Computes the md5 of files (and copies them if there is a staging) in worker threads; results are in the order of the request.
 * @throws files/*, versioning/changed-while-reading, internal/cancelled
 */
export async function hashFiles(request: HashRequest): Promise<readonly string[]> {
  const total = request.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const results: string[] = new Array(request.files.length).fill("");
  const onBytes = request.onBytes ?? (() => undefined);
  const batches = planBatches(request.files);
  const toBatch = (batch: Batch): FileBatch => ({
    files: batch.places.map((place) => request.files[place]?.file ?? ""),
    sizes: batch.places.map((place) => request.files[place]?.sizeBytes ?? 0),
    hashName: request.hashName,
    staging: request.staging,
  });
  const keep = (batch: Batch, hashes: readonly string[]) => {
    for (const [index, place] of batch.places.entries()) results[place] = hashes[index] ?? "";
  };
  if (request.files.length <= inlineFiles && total <= inlineBytes && request.workers === undefined) {
    for (const batch of batches) {
      if (request.signal?.aborted) throw cancelled();
      keep(batch, await hashBatch(toBatch(batch), onBytes));
    }
    return results;
  }
  const queue = [...batches];
  const threads = Math.min(request.workers ?? os.availableParallelism(), queue.length);
  const pool = Array.from({ length: threads }, borrowThread);
  try {
    await Promise.all(
      pool.map(async (worker) => {
        for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
          const message = { kind: "hash", batch: toBatch(batch) };
          // The worker's answer to "hash" is one md5 per file, in order.
          keep(batch, (await ask(worker, { message, signal: request.signal, onBytes })) as readonly string[]);
        }
      }),
    );
  } catch (error) {
    // Work that is still running must end before the staging is deleted.
    await Promise.all(pool.map((worker) => worker.terminate()));
    throw error;
  }
  for (const worker of pool) giveBack(worker);
  return results;
}

/** Large files alone and first, small ones in hundreds. */
function planBatches(files: HashRequest["files"]): readonly Batch[] {
  const batches: Batch[] = [];
  let [places, bytes]: [number[], number] = [[], 0];
  for (const [place, { sizeBytes }] of files.entries()) {
    if (sizeBytes >= batchBytes) {
      batches.push({ places: [place], bytes: sizeBytes });
      continue;
    }
    places.push(place);
    bytes += sizeBytes;
    if (places.length < batchFiles && bytes < batchBytes) continue;
    batches.push({ places, bytes });
    [places, bytes] = [[], 0];
  }
  if (places.length > 0) batches.push({ places, bytes });
  return batches.toSorted((a, b) => b.bytes - a.bytes);
}
