import type { Subject } from "../../contract/operation.ts";
import { type Change, type FeedPosition, feedPosition, readChanges } from "../../foundation/catalogue/changes.ts";
import type { Catalogue } from "../../foundation/catalogue/open.ts";
import { type WatchedPath, watchPaths } from "../../foundation/files/watch-paths.ts";
import type { FeedEvent } from "../../rpc/wire.ts";

export interface FeedParts {
  readonly projectDir: string;
  /** The project's catalogue as it is now: another one after it was deleted. */
  readonly catalogue: () => Catalogue;
  /** By subject, the operations whose answers may no longer hold. */
  readonly answers: () => Promise<ReadonlyMap<Subject, readonly string[]>>;
}

export interface FeedRequest {
  readonly subjects?: readonly string[] | undefined;
  readonly since?: FeedPosition | undefined;
  readonly intervalMs?: number | undefined;
}

const defaultIntervalMs = 250;
const shortestMs = 50;
const longestMs = 10_000;

/** What a person edits with other programs. */
const editable: readonly WatchedPath<Subject>[] = [
  { name: "signalbox.yaml", marks: ["project", "configs"] },
  { name: "configs", marks: ["configs"] },
  { name: "ledger", marks: ["ledger", "decisions"] },
  { name: "metrics", marks: ["routing"] },
  { name: "globals", marks: ["routing"] },
];
const editableSubjects: readonly Subject[] = [...new Set(editable.flatMap(({ marks }) => marks))];

/**
 * Tells one subscriber of what changes in a project: looks at the catalogue at intervals and reads the rows that are new, and watches the
 * files that people edit. After a reconnection those files are reported, too: what happened to them meanwhile is kept nowhere.
 */
export function followFeed(parts: FeedParts, request: FeedRequest, tell: (event: FeedEvent) => void): () => void {
  const { since, intervalMs = defaultIntervalMs } = request;
  const wanted = request.subjects === undefined ? undefined : new Set(request.subjects);
  const isWanted = ({ subject }: Change) => wanted === undefined || wanted.has(subject);
  let position: FeedPosition | undefined;
  let seen = "";
  let answers: ReadonlyMap<Subject, readonly string[]> | undefined;
  let isOver = false;

  const say = (changes: readonly Change[], mustRefetch: boolean) => {
    if (position === undefined) return;
    const shown = changes.filter(isWanted);
    const operations = new Set(shown.flatMap(({ subject }) => answers?.get(subject) ?? []));
    tell({
      ...position,
      changes: shown,
      operations: [...operations],
      mustRefetch: mustRefetch || answers === undefined,
    });
  };
  const look = () => {
    try {
      const catalogue = parts.catalogue();
      const version = catalogue.version();
      // The epoch is looked at together with the version: a new catalogue may have an equal one.
      const { epoch } = feedPosition(catalogue);
      if (position !== undefined && version === seen && epoch === position.epoch) return;
      seen = version;
      const read = readChanges(catalogue, position ?? since ?? feedPosition(catalogue));
      const isFirst = position === undefined;
      const hasMoved = position?.seq !== read.seq || position.epoch !== read.epoch;
      position = { epoch: read.epoch, seq: read.seq };
      const edited = isFirst && since !== undefined ? anythingOf(editableSubjects) : [];
      const changes = read.mustRefetch ? [] : merged([...read.changes, ...edited]);
      if (isFirst || (hasMoved && (read.mustRefetch || changes.some(isWanted)))) say(changes, read.mustRefetch);
    } catch {
      // Locked or being replaced at this moment: the next look reads it.
    }
  };

  let timer: NodeJS.Timeout | undefined;
  let stopWatching: (() => void) | undefined;
  const begin = async () => {
    // They are loaded, which fails once the program on disk is another: then the subscriber isn't told what to read again, so it reads all.
    answers = await parts.answers().catch(() => undefined);
    if (isOver) return;
    look();
    timer = setInterval(look, Math.min(longestMs, Math.max(shortestMs, intervalMs))).unref();
    stopWatching = watchPaths({
      root: parts.projectDir,
      watched: editable,
      onChange: (subjects) => {
        const changes = anythingOf([...subjects]);
        if (changes.some(isWanted)) say(changes, false);
      },
    });
  };
  void begin();
  return () => {
    isOver = true;
    clearInterval(timer);
    stopWatching?.();
  };
}

const anythingOf = (subjects: readonly Subject[]): readonly Change[] =>
  subjects.map((subject) => ({ subject, ids: [] }));

/** One change a subject: a run that writes a thousand metrics is one run that changed. */
function merged(changes: readonly Change[]): readonly Change[] {
  const bySubject = new Map<Subject, Set<string> | "anything">();
  for (const { subject, ids } of changes) {
    const known = bySubject.get(subject) ?? new Set<string>();
    if (known === "anything" || ids.length === 0) bySubject.set(subject, "anything");
    else bySubject.set(subject, new Set([...known, ...ids]));
  }
  return [...bySubject].map(([subject, ids]) => ({ subject, ids: ids === "anything" ? [] : [...ids] }));
}
