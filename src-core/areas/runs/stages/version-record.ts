import type { StageRecord } from "./stage-record.ts";

const names: ReadonlySet<string> = new Set(["dvc_master_hash", "dvc_split_hash", "dvc_reference_hash"]);

export const versionRecord: StageRecord<"version"> = {
  name: "version",
  work: "what changed is versioned",
  describe: (it) =>
    `split ${it.split.hash.slice(0, 12)}…, reference ${it.reference.hash.slice(0, 12)}…${it.pushed ? ", pushed" : ""}`,
  changes: (it) => [["data", [...it.master, it.split, it.reference].map(({ path }) => path)]],
  publish: (it) => ({
    params: {
      dvc_master_hash: it.master.map(({ hash }) => hash).join(","),
      dvc_split_hash: it.split.hash,
      dvc_reference_hash: it.reference.hash,
    },
  }),
  metrics: () => ({}),
  ownsParam: (key) => names.has(key),
  isPublished: ({ params }) => params.dvc_split_hash !== undefined,
};
