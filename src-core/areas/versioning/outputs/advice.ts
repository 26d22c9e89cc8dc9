import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import { hasObject } from "../../../foundation/store/cache.ts";
import { hashContent } from "../cache/content.ts";
import type { Output } from "../dvc/output.ts";
import { remoteKind } from "../remote/remote.ts";
import type { Repository } from "../repository.ts";
import type { OutputStatus } from "./status.ts";

/** An output and how it is. */
export interface JudgedOutput {
  readonly output: Output;
  readonly status: OutputStatus;
}

export interface DataAdvice {
  /** What no step alone does, in words; null if there is nothing. */
  readonly hint: string | null;
  readonly actions: readonly NextStep[];
}

/** What helps an output. Each is only advised where it would succeed. */
type Remedy = "add" | "keep" | "discard" | "restore" | "fetch" | "refetch" | "none";

/**
 * Finds what to do about outputs that aren't as they are recorded.
 * @param canAdd whether recording the path again would be refused: a frozen reference test, the output of a stage
 */
export async function adviceFor(
  repository: Repository,
  judged: readonly JudgedOutput[],
  canAdd: (output: Output) => Promise<boolean>,
): Promise<DataAdvice> {
  const found = new Map<Remedy, string[]>();
  const lost: Output[] = [];
  for (const { output, status } of judged) {
    const remedies = await remediesOf(repository, { output, status, isAddable: await canAdd(output) });
    for (const remedy of remedies) found.set(remedy, [...(found.get(remedy) ?? []), output.path]);
    if (remedies.length === 0 && status !== "unchanged") lost.push(output);
  }
  const step = (remedy: Remedy, build: (paths: string[]) => NextStep): readonly NextStep[] => {
    const paths = found.get(remedy);
    return paths === undefined ? [] : [build(paths)];
  };
  return {
    hint: hintFor(repository, lost),
    actions: [
      ...step("add", (paths) => nextStep("data.add", { paths }, "records the change")),
      ...step("keep", (paths) => nextStep("data.add", { paths }, "puts the content into the cache again")),
      ...step("discard", (paths) =>
        nextStep("data.checkout", { paths, force: true }, "discards the change and restores the recorded version"),
      ),
      ...step("restore", (paths) => nextStep("data.checkout", { paths }, "restores what is missing")),
      ...step("fetch", (paths) => nextStep("data.pull", { paths }, "fetches it from the remote")),
      ...step("refetch", (paths) =>
        nextStep("data.pull", { paths, force: true }, "discards the change and fetches the recorded version"),
      ),
    ],
  };
}

async function remediesOf(
  repository: Repository,
  { output, status, isAddable }: JudgedOutput & { readonly isAddable: boolean },
): Promise<readonly Remedy[]> {
  const add: readonly Remedy[] = isAddable ? ["add"] : [];
  switch (status) {
    case "unchanged":
      return [];
    case "new":
      return add;
    case "modified":
      return output.isCached ? [...add, "discard"] : add;
    case "deleted":
      return output.hash !== null && output.isCached ? ["restore"] : [];
    case "not in cache": {
      const isThere = existsSync(path.join(repository.root, output.path));
      const isFetched = canFetch(repository, output);
      if (!isThere) return isFetched ? ["fetch"] : [];
      if (await isAsRecorded(repository, output)) return isAddable ? ["keep"] : isFetched ? ["fetch"] : [];
      return isFetched ? [...add, "refetch"] : add;
    }
    default:
      return status satisfies never;
  }
}

async function isAsRecorded(repository: Repository, { path: file, hash, hashName }: Output): Promise<boolean> {
  const { fact } = await hashContent(repository, { path: file, hashName, store: null });
  return fact.hash === hash;
}

/** Checks whether a remote may have an output. Of a folder that is known; only DVC can ask the others. */
function canFetch({ config }: Repository, { hash, hashName, remote }: Output): boolean {
  const name = remote ?? config.defaultRemote;
  const found = config.remotes.find((it) => it.name === name);
  if (found === undefined || hash === null) return false;
  const kind = remoteKind(found);
  return kind === "folder" ? hasObject({ folder: found.url, isShared: false }, hash, hashName) : kind === "cloud";
}

function hintFor({ config, root }: Repository, lost: readonly Output[]): string | null {
  const [first] = lost;
  if (first === undefined) return null;
  const what = lost.length === 1 ? first.path : `${first.path} and ${lost.length - 1} more`;
  if (first.hash === null)
    return `${first.dvcFile} names ${what}, but nothing was ever recorded: put the data there and add it.`;
  if (!first.isCached) return `DVC doesn't keep ${what} in its cache (cache: false): restore it from where it is kept.`;
  const cache = path.relative(root, config.cacheDir);
  const where = cache.startsWith("..") ? config.cacheDir : cache;
  const isMade = lost.some((output) => /^data\/(splits|reference)\//.test(output.path));
  const again = isMade ? " What a split made, the next run makes again, if the table is still the same." : "";
  return config.remotes.length === 0
    ? `The cache doesn't have the content of ${what}, and no remote is configured to fetch it from: copy ${where} from where the data was added, or configure a remote in both places, push there and pull here.${again}`
    : `Neither the cache nor the remote has the content of ${what}: push it from where the data was added, or copy ${where} from there.${again}`;
}
