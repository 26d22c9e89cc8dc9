import type { OperationOutput } from "../../src-core/contract/index.ts";
import { toneOf } from "../labels.ts";
import { shortRun, versionsText } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Section } from "../section.ts";
import { facts, line, nextSteps, part, report, section, signed, text, toned } from "../shape.ts";
import { formatDuration, timeWithAge } from "../times.ts";
import { runList } from "./run-list.ts";

type Status = OperationOutput<"runs.status">;

/** Shapes the project at a glance. */
export function projectStatus(status: Status, now: number): readonly Section[] {
  return report(
    part(
      line(toned(status.project, "strong"), `  ${status.task} of ${status.target}`),
      facts([
        ["folder", status.folder],
        ["versions", versionsText(status)],
        ["production", productionText(status, now)],
        ["ledger", counted(status.ledgerEntries, "entry", "entries")],
        ["last verdict", status.lastVerdict ?? "none yet", toneOf(status.lastVerdict)],
      ]),
    ),
    section("Stopped runs", ...status.settled.map((it) => text(it, { mark: "warning" }))),
    section("Running", ...status.working.map(workingLine)),
    section("Runs", runList(status.runs, now)),
    nextSteps(next(status)),
  );
}

function productionText({ production }: Status, now: number): string {
  if (production === null) return "none yet";
  const { model, version, runId, since } = production;
  return `${model} version ${version} of run ${shortRun(runId)}, since ${timeWithAge(since, now)}`;
}

function workingLine(it: Status["working"][number]) {
  const run = it.runId === null ? "" : ` of run ${shortRun(it.runId)}`;
  const since = formatDuration(it.sinceMs);
  if (it.needsCredentials)
    return signed(
      "warning",
      `${it.operation}${run} needs credentials, for ${since}; where those it was started with are set: signalbox operations follow ${it.id}`,
    );
  return signed("active", `${it.operation}${run}, for ${since}: signalbox operations follow ${it.id}`);
}

function next(status: Status): readonly string[] {
  const [active] = status.working;
  if (active !== undefined) return [`signalbox operations follow ${active.id}`];
  const [last] = status.runs;
  if (last === undefined) return ["signalbox run --dry-run", "signalbox run"];
  if (last.isResumable) return [`signalbox runs resume ${shortRun(last.runId)}`];
  return [`signalbox runs show ${shortRun(last.runId)}`];
}
