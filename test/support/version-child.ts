import { versionTargets } from "../../src-core/areas/versioning/outputs/version-targets.ts";

/** A separate process that versions a project's data, for tests that kill it: `node version-child.ts ROOT`. */
const root = process.argv[2];
if (!root) throw new Error("usage: version-child.ts ROOT");
process.stdout.write("started\n");
await versionTargets(root, {
  master: ["data/master.parquet", "data/images"],
  split: "data/splits/v1",
  reference: "data/reference/tests/v1/test_reference.parquet",
  isReferenceNew: true,
});
