import path from "node:path";
import { nextStep, programStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { LedgerEntry, LedgerHead } from "../../contract/ledger.ts";
import type { NextStep } from "../../contract/next-step.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import { runGit } from "../../foundation/exec/git.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { projectIdTag } from "../../foundation/mlflow/project-tags.ts";
import { furthestHead, ledgerActorTag, ledgerHeadTag } from "./head-tag.ts";
import { readLedger } from "./read.ts";
import { readHead } from "./store.ts";

/** The last entry that an experiment of the project knows. */
export interface NotedHead extends LedgerHead {
  readonly experiment: string;
  readonly actor: string | null;
}

/**
 * Requires that every entry that the server knows is in the ledger. Otherwise another copy of the project decided meanwhile, and a decision
 * here would be a second one under the same number. A ledger that is ahead of the server is fine: the server hears of it later.
 * @returns whether the server knows any entry
 * @throws ledger/other-head; ledger/broken, ledger/truncated
 */
export async function refuseOtherHead(
  core: Pick<Core, "catalogue" | "env" | "project">,
  { client, uri }: Pick<Tracking, "client" | "uri">,
): Promise<boolean> {
  const { config, paths } = core.project();
  const entries = readLedger(paths.ledgerFile, readHead(core.catalogue()));
  const experiments = await client.experimentsTagged(projectIdTag, config.id);
  const heads = experiments.flatMap(({ name, tags }): readonly NotedHead[] => {
    const head = furthestHead([tags[ledgerHeadTag]]);
    return head === null ? [] : [{ ...head, experiment: name, actor: tags[ledgerActorTag] ?? null }];
  });
  const other = otherHead(heads, entries);
  if (other === undefined) return heads.length > 0;
  throw isMissing(other, entries)
    ? missingEntry({ head: other, uri, next: pullSteps(core, paths.root) }, entries)
    : otherEntry({ head: other, uri }, entries);
}

/** Finds a head that isn't in the ledger: the first entry that differs, else the last of those that are missing. */
export function otherHead(
  heads: readonly NotedHead[],
  entries: readonly Pick<LedgerEntry, "hash">[],
): NotedHead | undefined {
  const others = heads
    .filter((head) => entries[head.entries - 1]?.hash !== head.hash)
    .toSorted((a, b) => a.entries - b.entries);
  return others.find((head) => !isMissing(head, entries)) ?? others.at(-1);
}

function isMissing(head: LedgerHead, entries: readonly unknown[]): boolean {
  return head.entries > entries.length;
}

function wordsOf({ hash, actor, experiment }: NotedHead): string {
  return `hash ${hash.slice(0, 12)}${actor === null ? "" : `, by ${actor}`}, experiment '${experiment}'`;
}

function missingEntry(
  { head, uri, next }: { readonly head: NotedHead; readonly uri: string; readonly next: readonly NextStep[] },
  entries: readonly LedgerEntry[],
): AppError {
  const here = entries.length === 0 ? "is empty" : `ends with entry ${entries.length}`;
  return new AppError({
    code: "ledger/other-head",
    message: `${uri} knows entry ${head.entries} of the project's ledger (${wordsOf(head)}), but the ledger here ${here}: another copy of the project decided. Nothing was decided here.`,
    hint: "Get the files of ledger/ from that copy: commit and push them there, then pull them here. Or copy both (decisions.jsonl and reference_reads.jsonl). Then repeat the command.",
    next,
    details: { uri, experiment: head.experiment, entry: head.entries, hash: head.hash, entriesHere: entries.length },
  });
}

/** Nothing can be pulled into a project without git, or into a repository without a remote. */
function pullSteps({ env }: Pick<Core, "env">, root: string): readonly NextStep[] {
  try {
    const { status, stdout } = runGit({ folder: root, args: ["remote"], env });
    if (status !== 0 || stdout === "") return [];
  } catch {
    return [];
  }
  const reads = path.relative(root, projectPaths(root).referenceReadsFile);
  const message = "Log reads of the reference test";
  return [
    // git refuses to pull over a file with changes that aren't committed, and this copy may have trained meanwhile.
    ...(isChanged(reads, { root, env })
      ? [programStep(["git", "-C", root, "commit", "--message", message, "--", reads], "keeps what was read here")]
      : []),
    programStep(["git", "-C", root, "pull", "--no-rebase", "--no-edit"], "gets the entries, once they were pushed"),
  ];
}

function isChanged(file: string, { root, env }: { readonly root: string; readonly env: Core["env"] }): boolean {
  return (
    runGit({ folder: root, args: ["status", "--porcelain", "--untracked-files=no", "--", file], env }).stdout !== ""
  );
}

function otherEntry(
  { head, uri }: { readonly head: NotedHead; readonly uri: string },
  entries: readonly LedgerEntry[],
): AppError {
  const own = entries[head.entries - 1];
  return new AppError({
    code: "ledger/other-head",
    message: `Entry ${head.entries} of the project's ledger differs: ${uri} knows another one (${wordsOf(head)}) than the ledger here has (hash ${own?.hash.slice(0, 12)}, by ${own?.actor}). Two copies of the project decided apart. Nothing was decided here.`,
    hint: "Continue in the copy that the server knows, or make this copy a project of its own.",
    next: [nextStep("projects.fork", {}, "gives this copy an id and names of its own")],
    details: { uri, experiment: head.experiment, entry: head.entries, hash: head.hash, hashHere: own?.hash ?? null },
  });
}
