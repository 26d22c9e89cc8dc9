import path from "node:path";
import { AppError } from "../../contract/errors.ts";
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
      const [{ repository, all, select }, { statusOf }, { adviceFor }, { commandLines }, { declaredForm }] =
        await Promise.all([
          open(paths),
          import("./outputs/status.ts"),
          import("./outputs/advice.ts"),
          import("../../contract/command-text.ts"),
          import("../../contract/declared-forms.ts"),
        ]);
      const judged = [];
      for (const output of select()) judged.push({ output, status: await statusOf(repository, output, signal) });
      const { hint, actions } = await adviceFor(repository, judged, (output) =>
        wouldBeAdded(core, { repository, output, outputs: all }),
      );
      return {
        outputs: judged.map(({ output: { path, dvcFile, hash, sizeBytes }, status }) => {
          return { path, dvcFile, hash, sizeBytes, status };
        }),
        isClean: judged.every(({ status }) => status === "unchanged"),
        hint,
        actions: [...actions],
        nextSteps: [...commandLines(actions, declaredForm)],
      };
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
type Output = Outputs[number];
type Repository = import("./repository.ts").Repository;

/** Tries the checks of `data add`, so that it isn't advised where it would be refused. */
async function wouldBeAdded(
  core: Pick<VersioningCore, "splits">,
  {
    repository,
    output,
    outputs,
  }: { readonly repository: Repository; readonly output: Output; readonly outputs: Outputs },
): Promise<boolean> {
  const { checkAddable } = await import("./outputs/add-checks.ts");
  try {
    checkAddable(repository, output.path, { recorded: output, dvcFile: output.dvcFile, outputs });
    await core.splits.refuseChangedReference(path.join(repository.root, output.path));
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

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
