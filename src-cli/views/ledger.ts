import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { LedgerSummary } from "../../src-core/contract/ledger.ts";
import { mark, styleOf } from "../marks.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, nextSteps, parts, section, shortDigest, shortRun } from "../text.ts";
import { ageOf, timeWithAge } from "../times.ts";
import type { Views } from "../view.ts";
import { gateMethod, gateView } from "./gate.ts";

type Entry = OperationOutput<"ledger.show">["entry"];
type Decision = Extract<Entry, { kind: "decision" }>;

export const ledgerViews: Views = {
  "ledger.list": ({ entries, total }, screen) =>
    total === 0
      ? "The ledger is empty: nothing was decided yet."
      : parts(
          list(entries, screen),
          total > entries.length ? `${entries.length} of ${counted(total, "entry", "entries")}.` : "",
        ),
  "ledger.show": ({ entry }, screen) => (entry.kind === "decision" ? decision(entry, screen) : move(entry, screen)),
  "ledger.verify": ({ entries, head, file, notice }, screen) =>
    lines(
      `${mark(screen, "good")} ${counted(entries, "entry", "entries")}, every byte and link in order`,
      facts(screen, [
        ["  head", shortDigest(head)],
        ["  file", file],
      ]),
      notice === null ? "" : `${mark(screen, "warning")}${hanging(screen, "  ", notice).slice(1)}`,
    ),
  "ledger.export": ({ file, entries, format }, screen) =>
    `${mark(screen, "good")} ${counted(entries, "entry", "entries")} written to ${plainLine(file)} (${format})`,
};

function list(entries: readonly LedgerSummary[], screen: Screen): string {
  return table(
    screen,
    entries,
    [
      { title: "entry", value: (it) => it.index, align: "right" },
      { title: "what", value: (it) => it.verdict ?? it.kind, style: (it) => styleOf(it.verdict) },
      { title: "run", value: (it) => shortRun(it.runId) },
      { title: "model", value: (it) => `${it.modelName} ${it.modelVersion ?? ""}`.trim(), shrink: 1, least: 14 },
      { title: "by", value: (it) => it.actor, shrink: 2, least: 8 },
      { title: "when", value: (it) => ageOf(Date.parse(it.at), screen.now), align: "right" },
      { title: "hash", value: (it) => shortDigest(it.hash) },
    ],
    { below: (it) => it.reason },
  );
}

function chain(entry: Entry, screen: Screen): string {
  return section(
    screen,
    "Chain",
    facts(inner(screen), [
      ["hash", entry.hash],
      ["previous", /^0+$/.test(entry.previous) ? "none: the first entry" : entry.previous],
    ]),
  );
}

function heading(entry: Entry, word: string, screen: Screen): string {
  return lines(
    `${paint(screen, "bold", `Ledger entry ${entry.index}`)}  ${paint(screen, styleOf(word), word)}`,
    hanging(screen, "", entry.body.reason),
    `${timeWithAge(Date.parse(entry.at), screen.now)}, by ${plainLine(entry.actor)}`,
  );
}

function move(entry: Exclude<Entry, Decision>, screen: Screen): string {
  const { body } = entry;
  return parts(
    heading(entry, entry.kind, screen),
    facts(screen, [
      ["model", body.modelName],
      ["production", `${body.fromVersion ?? "–"} → ${body.toVersion}`],
      ["run", shortRun(body.runId)],
      ["about", body.decisionIndex === null ? undefined : `entry ${body.decisionIndex}`],
    ]),
    chain(entry, screen),
  );
}

function decision(entry: Decision, screen: Screen): string {
  const { body } = entry;
  const { alpha, replicates, seed } = body.gate;
  const inside = inner(screen);
  const digests = Object.entries({ train: body.data.trainSha256, ...body.data.tests });
  return parts(
    heading(entry, body.verdict, screen),
    facts(screen, [
      ["model", `${body.modelName} version ${body.candidate.version ?? "–"} of run ${shortRun(body.runId)}`],
      ["model digest", shortDigest(body.candidate.modelDigest)],
      [
        "against",
        body.production === null
          ? "nothing: a first model"
          : `version ${body.production.version ?? "–"} of run ${shortRun(body.production.runId)}`,
      ],
      ["production", `${body.alias.before ?? "–"} → ${body.alias.after ?? "–"}`],
      ["reference", `looked at ${counted(body.referenceReads, "time")}`],
    ]),
    section(
      screen,
      "Gate",
      lines(gateView(body.rows, inside), gateMethod({ ...body, alpha, replicates, seed }, inside)),
    ),
    section(
      screen,
      "Evidence",
      facts(inside, [
        ["master", shortDigest(body.data.masterSha256)],
        ...digests.map(([name, digest]) => [name, shortDigest(digest)] as const),
        ...Object.entries(body.data.dvc).map(([name, hash]) => [`dvc ${name}`, shortDigest(hash)] as const),
        ...configs(body),
      ]),
    ),
    chain(entry, screen),
    nextSteps(screen, ["signalbox ledger verify", `signalbox runs show ${shortRun(body.runId)}`]),
  );
}

function configs({ configs: all }: Decision["body"]): readonly (readonly [string, string])[] {
  const { promotion, ...versioned } = all;
  return [
    ...Object.entries(versioned).map(
      ([kind, it]) =>
        [`${kind.replace("dataContract", "data contract")} ${it.version}`, shortDigest(it.digest)] as const,
    ),
    ["promotion", shortDigest(promotion)],
  ];
}
