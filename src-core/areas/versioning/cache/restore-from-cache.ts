import path from "node:path";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { listOutputs, selectOutputs } from "../dvc/outputs.ts";
import { openRepository } from "../repository.ts";
import { checkoutOutput, type Restored } from "./checkout.ts";

/**
 * Restores one versioned file or folder of a project from the cache.
 * @param file absolute, or relative to the project's folder
 * @throws versioning/not-initialised, versioning/not-tracked, versioning/object-missing, versioning/would-overwrite
 */
export async function restoreFromCache(paths: ProjectPaths, file: string): Promise<Restored> {
  const repository = openRepository(paths.root);
  const wanted = path.relative(repository.root, path.resolve(paths.root, file)).split(path.sep).join("/");
  const outputs = listOutputs(repository);
  // A file inside a versioned folder is restored with its folder.
  const around = outputs.find((output) => output.path === wanted || wanted.startsWith(`${output.path}/`));
  const [output] = around ? [around] : selectOutputs(outputs, [wanted]);
  if (!output) return { path: wanted, added: 0, replaced: 0, deleted: 0 };
  return await checkoutOutput(repository, output, { isForced: false });
}
