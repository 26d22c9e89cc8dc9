import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { getRun, listRuns, type RunRow, runByNumber, runsByPrefix } from "../store.ts";

/** Finds a run by its id, the beginning of the id, `#<number>` (or only the number), or `latest`. */
export function findRun(reader: CatalogueReader, reference: string): RunRow {
  const text = reference.trim();
  if (text === "latest") {
    const [newest] = listRuns(reader, { limit: 1 }).runs;
    if (newest !== undefined) return newest;
    throw new AppError({
      code: "runs/not-found",
      message: "This project has no run yet.",
      next: [nextStep("runs.start", {}, "starts one")],
    });
  }
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  const found = (number === undefined ? undefined : runByNumber(reader, Number(number))) ?? getRun(reader, text);
  if (found !== undefined) return found;
  const matching = text.length >= 4 ? runsByPrefix(reader, text) : [];
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  throw new AppError({
    code: "runs/not-found",
    message:
      matching.length > 1
        ? `More than one run id begins with '${text}'.`
        : `There is no run '${text}' in this project.`,
    hint: "You can also use `latest` or a number such as `#3`.",
    next: [nextStep("runs.list", {}, "lists the runs")],
    details: { reference: text },
  });
}
