import path from "node:path";
import type { Implementations, OperationContext } from "../../contract/operation.ts";
import type { versioningOperations } from "../../contract/versioning.ts";
import type { VersioningCore } from "./needs.ts";

export function versioningOps(core: VersioningCore): Implementations<typeof versioningOperations> {
  const open = async (paths: readonly string[]) => {
    const [{ openRepository }, { listOutputs, repositoryPath, selectOutputs }] = await Promise.all([
      import("./repository.ts"),
      import("./dvc/outputs.ts"),
    ]);
    const repository = openRepository(core.projectDir, core.env);
    const all = listOutputs(repository);
    const wanted = paths.map((given) => repositoryPath(repository, given, core.projectDir));
    return { repository, all, wanted, select: () => selectOutputs(all, wanted) };
  };
  return {
    "data.add": async ({ paths }, context) => {
      const [{ repository, wanted }, { addOutput }, { listOutputs }] = await Promise.all([
        open(paths),
        import("./outputs/add.ts"),
        import("./dvc/outputs.ts"),
      ]);
      const outputs = [];
      for (const target of wanted) {
        await core.splits.refuseChangedReference(path.join(repository.root, target));
        const { fact, ...added } = await addOutput(repository, target, {
          outputs: listOutputs(repository),
          signal: context.signal,
          onBytes: byteReport(context, target),
        });
        outputs.push({ ...added, hash: fact.hash, sizeBytes: fact.sizeBytes, files: fact.files ?? 1 });
      }
      return { outputs };
    },
    "data.status": async ({ paths }, { signal }) => {
      core.configs.refuseEarlierProject();
      const [{ repository, select }, { statusOf }] = await Promise.all([open(paths), import("./outputs/status.ts")]);
      const outputs = [];
      for (const output of select()) {
        const { path, dvcFile, hash, sizeBytes } = output;
        outputs.push({ path, dvcFile, hash, sizeBytes, status: await statusOf(repository, output, signal) });
      }
      return { outputs, isClean: outputs.every((output) => output.status === "unchanged") };
    },
    "data.checkout": async ({ paths, force }, context) => {
      const { repository, select } = await open(paths);
      return { outputs: await restoreAll(repository, select(), { isForced: force, context }) };
    },
    "data.push": async ({ paths, remote }, context) => {
      const [{ repository, select }, { pushOutputs }] = await Promise.all([open(paths), import("./remote/sync.ts")]);
      return await pushOutputs(repository, syncRequest(core, { outputs: select(), remote, context }));
    },
    "data.pull": async ({ paths, remote, force }, context) => {
      const [{ repository, select }, { fetchOutputs }] = await Promise.all([open(paths), import("./remote/sync.ts")]);
      const outputs = select();
      const fetched = await fetchOutputs(repository, syncRequest(core, { outputs, remote, context }));
      return { ...fetched, outputs: await restoreAll(repository, outputs, { isForced: force, context }) };
    },
  };
}

type Outputs = ReturnType<typeof import("./dvc/outputs.ts").listOutputs>;
type Repository = import("./repository.ts").Repository;

async function restoreAll(
  repository: Repository,
  outputs: Outputs,
  { isForced, context }: { readonly isForced: boolean; readonly context: OperationContext },
) {
  const { checkoutOutput } = await import("./cache/checkout.ts");
  const total = outputs.reduce((sum, output) => sum + (output.sizeBytes ?? 0), 0);
  const restored = [];
  let done = 0;
  for (const output of outputs) {
    const onBytes = (bytes: number) => {
      done += bytes;
      context.report({ stage: "checkout", done, total, unit: "bytes", message: output.path });
    };
    restored.push(await checkoutOutput(repository, output, { isForced, signal: context.signal, onBytes }));
  }
  return restored;
}

function syncRequest(
  core: Pick<VersioningCore, "env">,
  request: { readonly outputs: Outputs; readonly remote: string | undefined; readonly context: OperationContext },
) {
  const { outputs, remote, context } = request;
  return { outputs, remote, env: core.env, signal: context.signal, onBytes: byteReport(context, remote ?? "remote") };
}

function byteReport({ report }: OperationContext, message: string) {
  return (done: number, total: number) => report({ done, total, unit: "bytes", message });
}
