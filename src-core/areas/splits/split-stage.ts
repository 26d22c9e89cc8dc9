import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ResolvedConfigs } from "../../contract/configs/resolved.ts";
import type { FirstCounts, SideFact, SplitResult } from "../../contract/runs/stage-results.ts";
import { duckVersion } from "../../foundation/duck/open.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { fileError, removeLeftovers, temporaryPath } from "../../foundation/files/durable.ts";
import { refuseLeakingFeatures } from "./leaks/feature-leaks.ts";
import { type LeakFinding, warningsOf } from "./leaks/leak-verdict.ts";
import { makeSplit } from "./make/make-split.ts";
import { parquetSettings } from "./make/parquet-side.ts";
import { type Manifest, type ManifestFile, manifestText, readManifest, writer } from "./manifest.ts";
import { type HashedMaster, hashMaster } from "./master/master-files.ts";
import { filesBelow, publishFolder, publishReference } from "./reference/publish.ts";
import { findReference, type RecordedReference, refuseOther } from "./reference/reference.ts";
import { checkFeatureValues, requestOf, type SplitContext, withDuck } from "./split-context.ts";
import { type SplitPaths, splitPaths } from "./split-paths.ts";

/**
 * Makes the split's files while nobody else reads or makes them; undefined where somebody else made them meanwhile, perhaps, and they are to
 * be looked at again.
 */
export type MakeAlone = (make: () => Promise<SplitResult>) => Promise<SplitResult | undefined>;

/**
 * The stage `split`. Repeated on the same table, schemas and DuckDB, it verifies the digests and returns at once.
 * @throws splits/*, files/*, configs/inconsistent
 */
export async function splitStage(
  context: SplitContext,
  makeAlone: MakeAlone = async (make) => await make(),
): Promise<SplitResult> {
  const { core, project, configs } = context;
  const at = splitPaths(project.paths, configs.split.version);
  refuseLeakingFeatures(configs.dataContract.value, configs.feature, configs.dataContract.path);
  for (const folder of [project.paths.splits, path.dirname(at.reference), project.paths.cache]) removeLeftovers(folder);

  const recorded = (await core.configs.frozenReferences())[String(configs.split.version)] ?? null;
  const frozen = recorded === null ? null : { file: at.reference, name: at.names.reference, recorded };
  const isThere = frozen !== null && (await findReference(frozen, core.versioning.restore));
  const master = hashMaster(project.paths.root, project.config.master);
  const known = !isThere ? null : await unchangedManifest(at, { configs, master, root: project.paths.root });
  if (known !== null) {
    const message = `Split v${known.split_version} exists already and is unchanged`;
    context.report({ stage: "split", message, done: 4, total: 4, unit: "steps" });
    const found = await checkFeatureValues(context, { ...at, isNew: false });
    return finish({ manifest: known, at, isReferenceNew: false, found, first: recorded?.first });
  }
  const made = await makeAlone(() => makeAnew(context, { at, master, frozen, isThere }));
  return made ?? (await splitStage(context, makeAlone));
}

async function makeAnew(
  context: SplitContext,
  input: {
    readonly at: SplitPaths;
    readonly master: HashedMaster;
    readonly frozen: RecordedReference | null;
    /** Whether the recorded reference test is in place; one that is lost is written as a new one is. */
    readonly isThere: boolean;
  },
): Promise<SplitResult> {
  const { core, configs } = context;
  const { at, master, frozen, isThere } = input;
  const folder = temporaryPath(at.folder);
  const file = isThere ? at.reference : temporaryPath(at.reference);
  const reference = isThere
    ? ({ kind: "frozen", file, first: frozen?.recorded.first ?? null } as const)
    : ({ kind: "new", file } as const);
  try {
    const manifest = await withDuck(context, master.files, (duck) =>
      makeSplit(duck, requestOf(context, { at, master, folder, reference })),
    );
    const found = await checkFeatureValues(context, { folder, reference: file, isNew: true });
    const first = frozen === null ? firstCountsOf(manifest) : frozen.recorded.first;
    const { sha256, row_digest, rows } = manifest.reference;
    if (frozen !== null && !isThere) {
      refuseOther(frozen, sha256);
      context.report({ message: `${frozen.name} was lost; the table gave it again, byte for byte` });
    }
    writeFileSync(path.join(folder, "manifest.json"), manifestText(manifest));
    // Named before it is recorded: after a kill in between, the next run finds an equal file. The other way round, a recorded
    // one would be missing.
    if (!isThere) publishReference(file, at.reference, at.names.reference);
    if (frozen === null) await core.configs.freezeReference(configs.split.version, { sha256, row_digest, rows, first });
    publishFolder(folder, at.folder);
    return finish({ manifest, at, isReferenceNew: frozen === null, found, first });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!isThere) rmSync(file, { force: true });
    throw fileError(error, "write", at.folder);
  }
}

/** What later tables are compared with. */
function firstCountsOf({ train, checks }: Manifest): FirstCounts {
  return { train_rows: train.rows, counts: Object.fromEntries(checks.map(({ check, count }) => [check, count])) };
}

/** True if the stage would only verify: the files of this split are complete and were made from this table and these schemas. */
export async function isSplitThere({ project, configs }: Pick<SplitContext, "project" | "configs">): Promise<boolean> {
  const at = splitPaths(project.paths, configs.split.version);
  if (!existsSync(at.manifest)) return false;
  const master = hashMaster(project.paths.root, project.config.master);
  return (await unchangedManifest(at, { configs, master, root: project.paths.root })) !== null;
}

/** The manifest of an earlier run, if its inputs and every file it names are the same. */
async function unchangedManifest(
  at: SplitPaths,
  now: { readonly configs: ResolvedConfigs; readonly master: HashedMaster; readonly root: string },
): Promise<Manifest | null> {
  const manifest = readManifest(at.manifest);
  if (manifest === null) return null;
  const { split, dataContract } = now.configs;
  const isSame =
    manifest.writer === writer &&
    manifest.duckdb === duckVersion &&
    JSON.stringify(manifest.parquet) === JSON.stringify(parquetSettings) &&
    manifest.split_digest === split.digest &&
    manifest.data_contract_digest === dataContract.digest &&
    manifest.master.sha256 === (await now.master.sha256);
  const files = [manifest.train, manifest.reference, ...manifest.optional_tests];
  const inFolder = [manifest.train, ...manifest.optional_tests].map((file) =>
    path.relative(at.names.folder, file.path),
  );
  const isComplete = filesBelow(at.folder).join("\n") === [...inFolder, "manifest.json"].sort().join("\n");
  return isSame && isComplete && files.every((file) => isIntact(now.root, file)) ? manifest : null;
}

function isIntact(root: string, { path: name, sha256, size_bytes }: ManifestFile): boolean {
  const file = path.join(root, name);
  return existsSync(file) && statSync(file).size === size_bytes && fileDigest(file) === sha256;
}

function finish(made: {
  readonly manifest: Manifest;
  readonly at: SplitPaths;
  readonly isReferenceNew: boolean;
  /** The results of the checks that aren't in the manifest because they depend on the features. */
  readonly found: readonly LeakFinding[];
  readonly first: FirstCounts | undefined;
}): SplitResult {
  const { manifest, at } = made;
  return {
    splitVersion: manifest.split_version,
    masterSha256: manifest.master.sha256,
    train: sideFact(manifest.train),
    reference: sideFact(manifest.reference),
    optional: manifest.optional_tests.map((test) => ({ name: test.name, ...sideFact(test) })),
    skipped: manifest.skipped_tests,
    manifest: { path: at.names.manifest, sha256: fileDigest(at.manifest), sizeBytes: statSync(at.manifest).size },
    isReferenceNew: made.isReferenceNew,
    group: manifest.group,
    rowCounts: manifest.row_counts,
    checks: [...manifest.checks, ...made.found],
    ...(made.first === undefined ? {} : { first: made.first }),
    warnings: [...manifest.warnings, ...warningsOf(made.found)],
  };
}

function sideFact({ path: name, sha256, size_bytes, rows, row_digest }: ManifestFile): SideFact {
  return { path: name, sha256, sizeBytes: size_bytes, rows, rowDigest: row_digest };
}
