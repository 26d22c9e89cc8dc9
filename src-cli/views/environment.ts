import type { Check, Freed, ListedEnvironment } from "../../src-core/contract/environment.ts";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark } from "../marks.ts";
import { widthOf } from "../measure.ts";
import { counted, formatBytes } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, lines, nextSteps, pad, parts, shortDigest } from "../text.ts";
import { ageOf } from "../times.ts";
import type { Views } from "../view.ts";

export const environmentViews: Views = {
  "environment.list": ({ folder, environments }, screen) =>
    environments.length === 0
      ? `No environment in ${plainLine(folder)} yet: the first run makes one.`
      : parts(environmentTable(environments, screen), paint(screen, "dim", plainLine(folder))),
  "environment.add": ({ digest, python, groups, wasThere }, screen) =>
    lines(
      `${mark(screen, "good")} ${wasThere ? "already there" : "made"}: environment ${shortDigest(digest)}`,
      facts(screen, [
        ["  groups", groups.join(", ") || "base"],
        ["  python", python],
      ]),
    ),
  "environment.remove": (output, screen) => freed(output, { screen, again: "signalbox env remove … --yes" }),
  "environment.collect": (output, screen) => freed(output, { screen, again: "signalbox gc --yes" }),
  "environment.check": doctor,
};

function environmentTable(environments: readonly ListedEnvironment[], screen: Screen): string {
  return table(
    screen,
    environments,
    [
      { title: "environment", value: (it) => shortDigest(it.digest) },
      { title: "groups", value: (it) => it.groups.join(", ") || "base", shrink: 2, least: 10 },
      { title: "python", value: (it) => it.python, shrink: 1, least: 8 },
      { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
      {
        title: "last used",
        value: (it) => (it.lastUsedAt === null ? null : ageOf(Date.parse(it.lastUsedAt), screen.now)),
        align: "right",
      },
      { title: "", value: (it) => (it.isInUse ? "in use" : it.isCurrent ? "current" : "older locks") },
    ],
    { mark: (it) => mark(screen, it.isInUse ? "active" : it.isCurrent ? "good" : "note") },
  );
}

const freedSigns: Readonly<Record<Freed["state"], Mark>> = { "to free": "note", freed: "good", kept: "none" };

function freed(
  { items, totalBytes, isDone }: OperationOutput<"environment.collect">,
  { screen, again }: { readonly screen: Screen; readonly again: string },
): string {
  if (items.length === 0) return "Nothing to free.";
  const count = items.filter((it) => it.state !== "kept").length;
  return parts(
    table(
      screen,
      items,
      [
        { title: "kind", value: (it) => it.kind },
        { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
        { title: "", value: (it) => it.state },
      ],
      { mark: (it) => mark(screen, freedSigns[it.state]), below: (it) => `${it.reason}: ${it.path}` },
    ),
    `${isDone ? "Freed" : "Would free"} ${formatBytes(totalBytes)} (${counted(count, "item")})${isDone ? "" : "; nothing was removed"}.`,
    isDone || count === 0 ? "" : nextSteps(screen, [again]),
  );
}

const checkSigns: Readonly<Record<Check["state"], Mark>> = { ok: "good", warning: "warning", problem: "bad" };

/** One line per check; what is wrong carries how to mend it. */
function doctor({ checks, problems, warnings }: OperationOutput<"environment.check">, screen: Screen): string {
  const width = Math.max(0, ...checks.map((it) => widthOf(it.name)));
  const summary =
    problems + warnings === 0
      ? `${mark(screen, "good")} Everything is in order.`
      : `${counted(problems, "problem")}, ${counted(warnings, "warning")}.`;
  return parts(
    checks
      .map((check) =>
        lines(
          mark(screen, checkSigns[check.state]) +
            hanging(screen, `  ${pad(plainLine(check.name), width)}  `, check.found).slice(1),
          check.fix === null ? "" : paint(screen, "cyan", hanging(screen, `  ${" ".repeat(width)}  → `, check.fix)),
        ),
      )
      .join("\n"),
    summary,
  );
}
