import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { ModelVersionView } from "../../src-core/contract/tracking.ts";
import { shortDigest, shortRun } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Section } from "../section.ts";
import { checks, facts, line, nextSteps, part, report, section, signed, table, toned } from "../shape.ts";
import { ageOf, timeWithAge } from "../times.ts";

export function models({ models: all }: OperationOutput<"models.list">): readonly Section[] {
  if (all.length === 0)
    return report(part(line("No model is registered yet. The decision of a run registers its model.")));
  return report(
    part(
      table(all, [
        { title: "model", value: (it) => it.name, shrink: 1, least: 20 },
        { title: "versions", value: (it) => it.versions, align: "right" },
        { title: "latest", value: (it) => it.latest, align: "right" },
        { title: "aliases", value: (it) => aliasesText(it.aliases) },
      ]),
    ),
  );
}

function aliasesText(aliases: Readonly<Record<string, string>>): string {
  return Object.entries(aliases)
    .map(([alias, version]) => `${alias} → ${version}`)
    .join(", ");
}

/** Shapes the versions of a model. A single version is shown with all details. */
export function modelVersions({ name, versions }: OperationOutput<"models.show">, now: number): readonly Section[] {
  const [only] = versions;
  if (versions.length === 1 && only !== undefined) return oneVersion(only, now);
  return report(
    part(
      line(toned(name, "strong"), `  ${counted(versions.length, "version")}`),
      table(
        versions,
        [
          { title: "version", value: (it) => it.version, align: "right" },
          { title: "run", value: (it) => shortRun(it.runId) },
          { title: "aliases", value: (it) => it.aliases.join(", ") || null, shrink: 1 },
          { title: "stage", value: (it) => it.stage },
          { title: "status", value: (it) => it.status },
          { title: "digest", value: (it) => shortDigest(it.digest) },
          { title: "created", value: (it) => ageOf(Date.parse(it.createdAt), now), align: "right" },
        ],
        { mark: (it) => (it.aliases.length > 0 ? "good" : "note") },
      ),
    ),
  );
}

function oneVersion(it: ModelVersionView, now: number): readonly Section[] {
  return report(
    part(
      line(
        toned(`${it.name} version ${it.version}`, "strong"),
        it.aliases.length > 0 ? toned(`  ${it.aliases.join(", ")}`, "good") : "",
      ),
      facts([
        ["run", it.runId],
        ["status", it.status],
        ["stage", it.stage ?? undefined],
        ["digest", it.digest],
        ["source", it.source],
        ["made", timeWithAge(Date.parse(it.createdAt), now)],
      ]),
    ),
    section("Tags", facts(Object.entries(it.tags))),
    nextSteps([`signalbox models verify ${it.name} ${it.version}`, `signalbox runs show ${shortRun(it.runId)}`]),
  );
}

export function verifiedModel(found: OperationOutput<"models.verify">): readonly Section[] {
  const failed = found.checks.filter((it) => !it.isPassed).length;
  return report(
    part(
      line(
        toned(`${found.name} version ${found.version}`, "strong"),
        `  ${chosenText(found.chosenAs)}run ${shortRun(found.runId)}, digest ${shortDigest(found.digest)}`,
      ),
      checks(
        found.checks.map((it) => ({
          mark: it.isPassed ? "good" : "bad",
          name: it.check,
          text: it.message + (it.code === null ? "" : ` (${it.code})`),
        })),
      ),
      line(failed === 0 ? "Verified." : `${counted(failed, "check")} failed.`),
    ),
  );
}

function chosenText(chosenAs: OperationOutput<"models.verify">["chosenAs"]): string {
  switch (chosenAs) {
    case "named":
      return "";
    case "production":
      return "production; ";
    case "highest":
      return "the highest version, because there is no production; ";
    default:
      return chosenAs satisfies never;
  }
}

export function registeredModel(made: OperationOutput<"models.register">): readonly Section[] {
  const { name, version, runId, isNew } = made;
  return report(
    part(
      signed(
        "good",
        `${name} version ${version} of run ${shortRun(runId)} ${isNew ? "registered; no alias moved" : "was already registered"}`,
      ),
    ),
    nextSteps([`signalbox models verify ${name} ${version}`, `signalbox stage decide --run ${shortRun(runId)}`]),
  );
}
