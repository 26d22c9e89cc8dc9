import { counted } from "../../../../src-view/numbers.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import { decidedRuns } from "../../promotion/store.ts";
import { getRun, listRuns, type RunRow, runByNumber, runsByPrefix } from "../store.ts";

/** Finds a run by its id, the beginning of the id, `#<number>` (or only the number), or `latest`. */
export function findRun(reader: CatalogueReader, reference: string): RunRow {
  const text = reference.trim();
  if (text === "latest") {
    const [newest] = listRuns(reader, { limit: 1 }).runs;
    if (newest !== undefined) return newest;
    throw noRun(reader);
  }
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  const found = (number === undefined ? undefined : runByNumber(reader, Number(number))) ?? getRun(reader, text);
  if (found !== undefined) return found;
  const matching = text.length >= 4 ? runsByPrefix(reader, text) : [];
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  const { runs: newest } = listRuns(reader, { limit: mostSuggested });
  throw new AppError({
    code: "runs/not-found",
    message:
      matching.length > 1
        ? `More than one run id begins with '${text}'.`
        : `There is no run '${text}' in this project${suggestion(text, newest)}`,
    hint: "You can also use `latest` or a number such as `#3`.",
    next: [nextStep("runs.list", {}, "lists the runs")],
    details: { reference: text },
  });
}

/** How many of the newest runs are compared with what was typed. */
const mostSuggested = 100;

function suggestion(text: string, newest: readonly RunRow[]): string {
  const near = didYouMean(text, ["latest", ...newest.map(({ runId }) => runId.slice(0, Math.max(8, text.length)))]);
  const [last] = newest;
  if (near !== "" || last === undefined) return near || ".";
  return `; the newest is #${last.number} (${last.runId.slice(0, 8)}).`;
}

/** In a clone, or after `.signalbox` was deleted, the ledger may know runs that have no record here. */
function noRun(reader: CatalogueReader): AppError {
  const decided = decidedRuns(reader).length;
  if (decided === 0)
    return new AppError({
      code: "runs/not-found",
      message: "This project has no run yet.",
      next: [nextStep("runs.start", {}, "starts one")],
    });
  return new AppError({
    code: "runs/not-found",
    message: `No run has a record in this folder: the ledger's ${counted(decided, "decision")} ${decided === 1 ? "is" : "are"} on runs that were made elsewhere, or whose records were deleted.`,
    next: [
      nextStep("promotion.list", {}, "lists the decisions"),
      nextStep("environment.check", {}, "shows what is missing"),
      nextStep("runs.start", {}, "starts a run"),
    ],
  });
}
