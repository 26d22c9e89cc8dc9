import { type FSWatcher, watch } from "node:fs";
import path from "node:path";

/** A file or folder to be watched, relative to the root, and the mark that is reported for it. */
export interface WatchedPath<Mark> {
  readonly name: string;
  readonly marks: readonly Mark[];
}

export interface WatchPaths<Mark> {
  readonly root: string;
  readonly watched: readonly WatchedPath<Mark>[];
  readonly onChange: (marks: ReadonlySet<Mark>) => void;
  /** Changes that follow each other within this time are reported once. */
  readonly quietMs?: number;
}

const quietMsUnlessTold = 100;
/** Files that our own writers rename into place: the rename is reported, too. */
const temporary = /\.signalbox-tmp-/;

/**
 * Watches entries of a folder, their contents included. It is a convenience: where the system can't watch (no more watches, a network
 * disk) nothing is reported and nothing fails. An entry that is made later is watched from then on.
 */
export function watchPaths<Mark>({
  root,
  watched,
  onChange,
  quietMs = quietMsUnlessTold,
}: WatchPaths<Mark>): () => void {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<Mark>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tell = ({ marks }: WatchedPath<Mark>) => {
    for (const mark of marks) changed.add(mark);
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange(new Set(changed));
      changed.clear();
    }, quietMs).unref();
  };
  const start = (name: string, isDeep: boolean, onEvent: (file: string | null) => void) => {
    if (isClosed || watchers.has(name)) return;
    const forget = () => {
      watchers.get(name)?.close();
      watchers.delete(name);
    };
    try {
      const watcher = watch(path.join(root, name), { recursive: isDeep, persistent: false }, (_, file) =>
        onEvent(file),
      );
      watcher.on("error", forget);
      watchers.set(name, watcher);
    } catch {
      // Not there, or not to be watched.
    }
  };
  const startEntry = (entry: WatchedPath<Mark>) =>
    start(entry.name, true, (file) => {
      if (file === null || !temporary.test(file)) tell(entry);
    });

  start(".", false, (file) => {
    const entry = watched.find(({ name }) => name === file);
    if (entry === undefined) return;
    tell(entry);
    // A folder that was removed and made again is another one: its old watcher sees nothing of it.
    watchers.get(entry.name)?.close();
    watchers.delete(entry.name);
    startEntry(entry);
  });
  for (const entry of watched) startEntry(entry);
  return () => {
    isClosed = true;
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };
}
