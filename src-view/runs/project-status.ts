import type { OperationOutput } from "../../src-core/contract/index.ts";
import { toneOf } from "../labels.ts";
import { shortRun, verdictText, versionsText } from "../names.ts";
import { counted } from "../numbers.ts";
import type { OperationPlace } from "../project/long-operations.ts";
import type { Block, Check, Section } from "../section.ts";
import { checks, facts, line, nextSteps, part, report, section, signed, table, text, toned } from "../shape.ts";
import { ageOf, formatDuration, timeWithAge } from "../times.ts";
import { runList } from "./run-list.ts";

type Status = OperationOutput<"runs.status">;

/** Shapes the project at a glance. */
export function projectStatus(status: Status, { commandOf, now }: OperationPlace): readonly Section[] {
  return report(
    part(
      line(toned(status.project, "strong"), `  ${status.task} of ${status.target}`),
      facts([
        ["folder", status.folder],
        ["versions", versionsText(status)],
        ["production", ownProduction(status, now), isOverride(status.production) ? "caution" : undefined],
        ["ledger", counted(status.ledgerEntries, "entry", "entries")],
        ["last verdict", lastVerdict(status), status.lastIsExperiment ? "quiet" : toneOf(status.lastVerdict)],
      ]),
    ),
    section("Production of training plans", routedTable(status, now)),
    section("Problems", checks(status.problems.map(problem))),
    section("Stopped runs", ...status.settled.map((it) => text(it, { mark: "warning" }))),
    section("Running", ...status.working.map((it) => workingLine(it, commandOf(it.operation)))),
    section("Runs", runList(status.runs, now)),
    nextSteps(next(status)),
  );
}

function lastVerdict({ lastVerdict: verdict, lastIsExperiment }: Status): string {
  return verdict === null ? "none yet" : verdictText(verdict, lastIsExperiment);
}

type Production = NonNullable<Status["production"]>;

/** Against the verdict of the gate; a person may also have put in production what the gate promotes. */
function isOverride(it: Production | null): boolean {
  return it?.by === "override" && it.verdict !== "PROMOTE";
}

function ownProduction({ production, routed }: Status, now: number): string {
  if (production !== null) return `${production.model} ${productionText(production, now)}`;
  return routed.length === 0
    ? "none yet"
    : `none of the project's own model; ${counted(routed.length, "model")} of training plans`;
}

function productionText(it: Production, now: number): string {
  const how = isOverride(it) ? `, against the gate's verdict ${it.verdict ?? "(none)"} (entry ${it.ledgerIndex})` : "";
  const back = it.by === "rollback" ? `, by a rollback (entry ${it.ledgerIndex})` : "";
  return `version ${it.version} of run ${shortRun(it.runId)}, since ${timeWithAge(it.since, now)}${how}${back}`;
}

function routedTable({ routed }: Status, now: number): Block | undefined {
  return table(routed, [
    { title: "model", value: (it) => it.model, shrink: 1, least: 14 },
    { title: "version", value: (it) => it.version, align: "right" },
    { title: "run", value: (it) => shortRun(it.runId) },
    { title: "how", value: howOf, tone: (it) => (isOverride(it) ? "caution" : undefined) },
    { title: "since", value: (it) => ageOf(it.since, now), align: "right" },
  ]);
}

function howOf(it: Production): string {
  if (isOverride(it)) return `override of ${it.verdict ?? "no verdict"}`;
  return it.by;
}

function problem(it: Status["problems"][number]): Check {
  return { mark: it.state === "problem" ? "bad" : "warning", name: it.name, text: it.found, fix: it.fix ?? undefined };
}

function workingLine(it: Status["working"][number], command: string) {
  const run = it.runId === null ? "" : ` of run ${shortRun(it.runId)}`;
  const since = formatDuration(it.sinceMs);
  if (it.needsCredentials)
    return signed(
      "warning",
      `${command}${run} needs credentials, for ${since}; where those it was started with are set: signalbox operations follow ${it.id}`,
    );
  return signed("active", `${command}${run}, for ${since}: signalbox operations follow ${it.id}`);
}

function next(status: Status): readonly string[] {
  const [active] = status.working;
  if (active !== undefined) return [`signalbox operations follow ${active.id}`];
  const [last] = status.runs;
  if (last === undefined) return ["signalbox run --dry-run", "signalbox run"];
  if (last.isResumable) return [`signalbox runs resume ${shortRun(last.runId)}`];
  return [`signalbox runs show ${shortRun(last.runId)}`];
}
