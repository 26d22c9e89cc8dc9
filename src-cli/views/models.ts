import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { ModelVersionView } from "../../src-core/contract/tracking.ts";
import { mark } from "../marks.ts";
import { widthOf } from "../measure.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, nextSteps, pad, parts, section, shortDigest, shortRun } from "../text.ts";
import { ageOf, timeWithAge } from "../times.ts";
import type { Views } from "../view.ts";

export const modelsViews: Views = {
  "models.register": ({ name, version, runId, isNew }, screen) =>
    parts(
      `${mark(screen, "good")} ${plainLine(name)} version ${version} of run ${shortRun(runId)} ${isNew ? "registered; no alias moved" : "was registered already"}`,
      nextSteps(screen, [
        `signalbox models verify ${plainLine(name)} ${version}`,
        `signalbox stage decide --run ${shortRun(runId)}`,
      ]),
    ),
  "models.list": ({ models }, screen) =>
    models.length === 0
      ? "No model is registered yet: a decided run registers its own."
      : table(screen, models, [
          { title: "model", value: (it) => it.name, shrink: 1, least: 20 },
          { title: "versions", value: (it) => it.versions, align: "right" },
          { title: "latest", value: (it) => it.latest, align: "right" },
          {
            title: "aliases",
            value: (it) =>
              Object.entries(it.aliases)
                .map(([alias, version]) => `${alias} → ${version}`)
                .join(", "),
          },
        ]),
  "models.show": ({ name, versions }, screen) => {
    const [only] = versions;
    return versions.length === 1 && only !== undefined
      ? oneVersion(only, screen)
      : versionTable(name, versions, screen);
  },
  "models.verify": verification,
};

function versionTable(name: string, versions: readonly ModelVersionView[], screen: Screen): string {
  return lines(
    `${paint(screen, "bold", plainLine(name))}  ${counted(versions.length, "version")}`,
    table(
      screen,
      versions,
      [
        { title: "version", value: (it) => it.version, align: "right" },
        { title: "run", value: (it) => shortRun(it.runId) },
        { title: "aliases", value: (it) => it.aliases.join(", ") || null, shrink: 1 },
        { title: "stage", value: (it) => it.stage },
        { title: "status", value: (it) => it.status },
        { title: "digest", value: (it) => shortDigest(it.digest) },
        { title: "made", value: (it) => ageOf(Date.parse(it.createdAt), screen.now), align: "right" },
      ],
      { mark: (it) => mark(screen, it.aliases.length > 0 ? "good" : "note") },
    ),
  );
}

function oneVersion(it: ModelVersionView, screen: Screen): string {
  return parts(
    lines(
      `${paint(screen, "bold", `${plainLine(it.name)} version ${it.version}`)}${it.aliases.length > 0 ? paint(screen, "green", `  ${it.aliases.join(", ")}`) : ""}`,
      facts(screen, [
        ["run", it.runId],
        ["status", it.status],
        ["stage", it.stage ?? undefined],
        ["digest", it.digest],
        ["source", it.source],
        ["made", timeWithAge(Date.parse(it.createdAt), screen.now)],
      ]),
    ),
    section(screen, "Tags", facts(inner(screen), Object.entries(it.tags))),
    nextSteps(screen, [
      `signalbox models verify ${plainLine(it.name)} ${it.version}`,
      `signalbox runs show ${shortRun(it.runId)}`,
    ]),
  );
}

function verification(
  { name, version, runId, digest, checks }: OperationOutput<"models.verify">,
  screen: Screen,
): string {
  const width = Math.max(0, ...checks.map((it) => widthOf(it.check)));
  const failed = checks.filter((it) => !it.isPassed).length;
  return lines(
    `${paint(screen, "bold", `${plainLine(name)} version ${version}`)}  run ${shortRun(runId)}, digest ${shortDigest(digest)}`,
    ...checks.map((it) => {
      const code = it.code === null ? "" : ` (${it.code})`;
      return (
        mark(screen, it.isPassed ? "good" : "bad") +
        hanging(screen, `  ${pad(plainLine(it.check), width)}  `, it.message + code).slice(1)
      );
    }),
    failed === 0 ? "Verified." : `${counted(failed, "check")} failed.`,
  );
}
