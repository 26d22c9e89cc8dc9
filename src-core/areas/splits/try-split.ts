import { rmSync } from "node:fs";
import path from "node:path";
import { removeLeftovers, temporaryPath } from "../../foundation/files/durable.ts";
import { refuseLeakingFeatures } from "./leaks/feature-leaks.ts";
import { warningsOf } from "./leaks/leak-verdict.ts";
import { makeSplit } from "./make/make-split.ts";
import type { Manifest } from "./manifest.ts";
import { hashMaster } from "./master/master-files.ts";
import type { SplitsCore } from "./needs.ts";
import { findReference, refuseOther } from "./reference/reference.ts";
import { checkFeatureValues, requestOf, type SplitScope, withDuck } from "./split-context.ts";
import { splitPaths } from "./split-paths.ts";

/** Makes the whole split in a private folder that is deleted again, and returns the manifest that it would have. */
export async function trySplit(
  core: Pick<SplitsCore, "versioning"> & { readonly configs: Pick<SplitsCore["configs"], "frozenReferences"> },
  context: SplitScope,
): Promise<Manifest> {
  const { project, configs } = context;
  const at = splitPaths(project.paths, configs.split.version);
  refuseLeakingFeatures(configs.dataContract.value, configs.feature, configs.dataContract.path);
  removeLeftovers(project.paths.cache);
  const recorded = (await core.configs.frozenReferences())[String(configs.split.version)] ?? null;
  const known = recorded === null ? null : { file: at.reference, name: at.names.reference, recorded };
  const isThere = known !== null && (await findReference(known, core.versioning.restore));
  const master = hashMaster(project.paths.root, project.config.master);
  const folder = temporaryPath(path.join(project.paths.cache, "tried"));
  try {
    const reference = isThere
      ? ({ kind: "frozen", file: at.reference, first: recorded?.first ?? null } as const)
      : ({ kind: "new", file: path.join(folder, "test_reference.parquet") } as const);
    const manifest = await withDuck(context, master.files, (duck) =>
      makeSplit(duck, requestOf(context, { at, master, folder, reference })),
    );
    if (known !== null && !isThere) refuseOther(known, manifest.reference.sha256);
    const found = await checkFeatureValues(context, { folder, reference: reference.file, isNew: true });
    return {
      ...manifest,
      checks: [...manifest.checks, ...found],
      warnings: [...manifest.warnings, ...warningsOf(found)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
