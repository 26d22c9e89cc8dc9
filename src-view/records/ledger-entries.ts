import type { OperationOutput } from "../../src-core/contract/index.ts";
import { gateBlock, gateMethod } from "../gate.ts";
import { toneOf } from "../labels.ts";
import { shortDigest, shortRun, verdictText } from "../names.ts";
import { counted, formatCount } from "../numbers.ts";
import type { Section } from "../section.ts";
import {
  facts,
  insetFacts,
  line,
  nextSteps,
  note,
  part,
  report,
  section,
  signed,
  table,
  text,
  toned,
} from "../shape.ts";
import { ageOf, timeWithAge } from "../times.ts";

type Entry = OperationOutput<"ledger.show">["entry"];
type Decision = Extract<Entry, { kind: "decision" }>;

export function ledgerEntries({ entries, total }: OperationOutput<"ledger.list">, now: number): readonly Section[] {
  if (total === 0) return report(part(line("The ledger is empty. There are no decisions yet.")));
  return report(
    part(
      table(
        entries,
        [
          { title: "entry", value: (it) => it.index, align: "right" },
          {
            title: "what",
            value: (it) => (it.verdict === null ? it.kind : verdictText(it.verdict, it.isExperiment)),
            tone: (it) => toneOf(it.verdict),
          },
          { title: "run", value: (it) => shortRun(it.runId) },
          { title: "model", value: (it) => `${it.modelName} ${it.modelVersion ?? ""}`.trim(), shrink: 1, least: 14 },
          { title: "by", value: (it) => it.actor, shrink: 2, least: 8 },
          { title: "when", value: (it) => ageOf(Date.parse(it.at), now), align: "right" },
          { title: "hash", value: (it) => shortDigest(it.hash) },
        ],
        { below: (it) => it.reason },
      ),
    ),
    total > entries.length ? part(line(`${entries.length} of ${counted(total, "entry", "entries")}.`)) : undefined,
  );
}

export function ledgerEntry(entry: Entry, now: number): readonly Section[] {
  return entry.kind === "decision" ? decision(entry, now) : move(entry, now);
}

function heading(entry: Entry, word: string, now: number): Section | undefined {
  return part(
    line(toned(`Ledger entry ${entry.index}`, "strong"), "  ", toned(word, toneOf(word))),
    text(entry.body.reason),
    line(`${timeWithAge(Date.parse(entry.at), now)}, by ${entry.actor}`),
  );
}

function chain(entry: Entry): Section | undefined {
  return section(
    "Chain",
    facts([
      ["hash", entry.hash],
      ["previous", /^0+$/.test(entry.previous) ? "none (first entry)" : entry.previous],
    ]),
  );
}

function move(entry: Exclude<Entry, Decision>, now: number): readonly Section[] {
  const { body } = entry;
  return report(
    heading(entry, entry.kind, now),
    part(
      facts([
        ["model", body.modelName],
        ["production", `${body.fromVersion ?? "–"} → ${body.toVersion}`],
        ["run", shortRun(body.runId)],
        ["about", body.decisionIndex === null ? undefined : `entry ${body.decisionIndex}`],
      ]),
    ),
    chain(entry),
  );
}

function decision(entry: Decision, now: number): readonly Section[] {
  const { body } = entry;
  const { alpha, replicates, seed } = body.gate;
  return report(
    heading(entry, verdictText(body.verdict, body.isExperiment === true), now),
    part(
      facts([
        ["model", `${body.modelName} version ${body.candidate.version ?? "–"} of run ${shortRun(body.runId)}`],
        ["model digest", shortDigest(body.candidate.modelDigest)],
        ["against", againstText(body)],
        ["production", `${body.alias.before ?? "–"} → ${body.alias.after ?? "–"}`],
        ["reference", `read ${counted(body.referenceReads, "time")}`],
      ]),
    ),
    section("Gate", gateBlock(body.rows), note(gateMethod({ ...body, alpha, replicates, seed }))),
    section("Evidence", facts([...dataDigests(body), ...configDigests(body)])),
    chain(entry),
    nextSteps(["signalbox ledger verify", `signalbox runs show ${shortRun(body.runId)}`]),
  );
}

function againstText({ production }: Decision["body"]): string {
  if (production === null) return "nothing (first model)";
  return `version ${production.version ?? "–"} of run ${shortRun(production.runId)}`;
}

type Digests = readonly (readonly [name: string, digest: string])[];

function dataDigests({ data }: Decision["body"]): Digests {
  const sides = Object.entries({ train: data.trainSha256, ...data.tests });
  return [
    ["master", shortDigest(data.masterSha256)],
    ...sides.map(([name, digest]) => [name, shortDigest(digest)] as const),
    ...Object.entries(data.dvc).map(([name, hash]) => [`dvc ${name}`, shortDigest(hash)] as const),
  ];
}

function configDigests({ configs }: Decision["body"]): Digests {
  const { promotion, ...versioned } = configs;
  return [
    ...Object.entries(versioned).map(
      ([kind, it]) =>
        [`${kind.replace("dataContract", "data contract")} ${it.version}`, shortDigest(it.digest)] as const,
    ),
    ["promotion", shortDigest(promotion)],
  ];
}

export function ledgerVerified(found: OperationOutput<"ledger.verify">): readonly Section[] {
  return report(
    part(
      signed("good", `${counted(found.entries, "entry", "entries")}, every byte and link verified`),
      insetFacts([
        ["head", shortDigest(found.head)],
        ["file", found.file],
      ]),
      text(found.notice, { mark: "warning" }),
    ),
  );
}

export function ledgerRestored(found: OperationOutput<"ledger.restore">): readonly Section[] {
  const { entries, restored, file, aside } = found;
  if (restored === 0)
    return report(part(signed("good", `${counted(entries, "entry", "entries")}, in order: nothing to restore`)));
  return report(
    part(
      signed("good", `${counted(restored, "entry", "entries")} restored; ${file} has ${formatCount(entries)} again`),
      insetFacts([["file as it was", aside ?? undefined]]),
    ),
    nextSteps(["signalbox ledger verify"]),
  );
}

export function ledgerExported({ file, entries, format }: OperationOutput<"ledger.export">): readonly Section[] {
  return report(part(signed("good", `${counted(entries, "entry", "entries")} written to ${file} (${format})`)));
}
