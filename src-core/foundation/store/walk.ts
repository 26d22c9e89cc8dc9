import { ask, borrowThread, giveBack } from "./hash-threads.ts";
import { fillTable, type IsIgnored, isFilled, listFiles, newTable, type Walk } from "./walk-files.ts";

/** Number of files above which a second thread saves more time than it takes to start. */
const manyFiles = 5_000;

export interface WalkRequest {
  /** Absolute. */
  readonly root: string;
  readonly isIgnored?: IsIgnored | undefined;
  /** How many files there were last time: with many, the second thread starts while names are still being listed. */
  readonly expectedFiles: number;
}

/** Lists a folder and reads the facts of every file. */
export async function walkFolder({ root, isIgnored, expectedFiles }: WalkRequest): Promise<Walk> {
  const early = expectedFiles >= manyFiles ? borrowThread() : null;
  let answered: Promise<unknown> | undefined;
  try {
    const names = listFiles(root, isIgnored);
    const table = newTable(names.length);
    const second = early ?? (names.length >= manyFiles ? borrowThread() : null);
    if (second) {
      answered = ask(second, { message: { kind: "look", root, names: names.join("\0"), table } });
      answered.then(
        () => giveBack(second),
        () => second.terminate(),
      );
    }
    fillTable(root, names, table);
    // Don't wait for a thread that started too late to take a row.
    if (!isFilled(table)) await answered;
    return { names, facts: table.facts };
  } finally {
    if (early && !answered) giveBack(early);
  }
}
