import type { OperationOutput } from "../../src-core/contract/index.ts";
import { mark, styleOf } from "../marks.ts";
import { counted, formatDuration } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts } from "../table.ts";
import { hanging, inner, lines, nextSteps, parts, section, shortRun } from "../text.ts";
import { timeWithAge } from "../times.ts";
import { runList } from "./run-list.ts";
import { versionsText } from "./run-report.ts";

type Status = OperationOutput<"runs.status">;

/** The project at a glance. */
export function projectStatus(status: Status, screen: Screen): string {
  const body = inner(screen);
  return parts(
    lines(
      `${paint(screen, "bold", plainLine(status.project))}  ${status.task} of ${plainLine(status.target)}`,
      facts(screen, [
        ["folder", status.folder],
        ["versions", versionsText(status)],
        ["production", productionText(status, screen)],
        ["ledger", counted(status.ledgerEntries, "entry", "entries")],
        ["last verdict", status.lastVerdict ?? "none yet", styleOf(status.lastVerdict)],
      ]),
    ),
    section(
      screen,
      "Settled",
      status.settled.map((it) => mark(screen, "warning") + hanging(body, "  ", it).slice(1)).join("\n"),
    ),
    section(screen, "At work", working(status, screen)),
    section(screen, "Runs", runList(status.runs, body)),
    nextSteps(screen, next(status)),
  );
}

function productionText({ production }: Status, screen: Screen): string {
  if (production === null) return "none yet";
  const { model, version, runId, since } = production;
  return `${model} version ${version} of run ${shortRun(runId)}, since ${timeWithAge(since, screen.now)}`;
}

function working({ working: all }: Status, screen: Screen): string {
  return all
    .map((it) => {
      const run = it.runId === null ? "" : ` of run ${shortRun(it.runId)}`;
      return `${mark(screen, "active")} ${it.operation}${run}, for ${formatDuration(it.sinceMs)}: signalbox operations follow ${it.id}`;
    })
    .join("\n");
}

function next(status: Status): readonly string[] {
  const [active] = status.working;
  if (active !== undefined) return [`signalbox operations follow ${active.id}`];
  const [last] = status.runs;
  if (last === undefined) return ["signalbox run --dry-run", "signalbox run"];
  if (last.isResumable) return [`signalbox runs resume ${shortRun(last.runId)}`];
  return [`signalbox runs show ${shortRun(last.runId)}`];
}
