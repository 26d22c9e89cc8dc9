import { existsSync } from "node:fs";
import path from "node:path";
import type { MissingData } from "../../../foundation/context.ts";
import { hasObject } from "../../../foundation/store/cache.ts";
import { listOutputs } from "../dvc/outputs.ts";
import { cacheOf, openRepository } from "../repository.ts";
import { adviceFor } from "./advice.ts";

/** Finds outputs that are recorded but not in place, without reading any content. @throws versioning/* */
export async function missingData(projectDir: string): Promise<MissingData> {
  const repository = openRepository(projectDir);
  const recorded = listOutputs(repository).filter((output) => output.hash !== null);
  const missing = recorded.filter((output) => !existsSync(path.join(repository.root, output.path)));
  const cache = cacheOf(repository);
  const judged = missing.map((output) => {
    const isInCache = output.isCached && hasObject(cache, output.hash ?? "", output.hashName);
    return { output, status: isInCache || !output.isCached ? ("deleted" as const) : ("not in cache" as const) };
  });
  // What isn't there can't be added.
  const advice = await adviceFor(repository, judged, async () => false);
  return { paths: missing.map((output) => output.path), recorded: recorded.length, ...advice };
}
