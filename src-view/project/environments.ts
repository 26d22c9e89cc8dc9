import type { Check, Freed, ListedEnvironment } from "../../src-core/contract/environment.ts";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { Mark } from "../labels.ts";
import { shortDigest } from "../names.ts";
import { counted, formatBytes } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { checks, insetFacts, line, nextSteps, part, report, signed, table, toned } from "../shape.ts";
import { ageOf } from "../times.ts";

export function environments(
  { folder, environments: all }: OperationOutput<"environment.list">,
  now: number,
): readonly Section[] {
  if (all.length === 0)
    return report(part(line(`There is no environment in ${folder} yet. The first run creates one.`)));
  return report(part(environmentTable(all, now)), part(line(toned(folder, "quiet"))));
}

function environmentTable(all: readonly ListedEnvironment[], now: number): Block | undefined {
  return table(
    all,
    [
      { title: "environment", value: (it) => shortDigest(it.digest) },
      { title: "groups", value: (it) => it.groups.join(", ") || "base", shrink: 2, least: 10 },
      { title: "python", value: (it) => it.python, shrink: 1, least: 8 },
      { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
      {
        title: "last used",
        value: (it) => (it.lastUsedAt === null ? null : ageOf(Date.parse(it.lastUsedAt), now)),
        align: "right",
      },
      { title: "", value: (it) => (it.isInUse ? "in use" : it.isCurrent ? "current" : "older locks") },
    ],
    { mark: (it) => (it.isInUse ? "active" : it.isCurrent ? "good" : "note") },
  );
}

export function addedEnvironment(made: OperationOutput<"environment.add">): readonly Section[] {
  return report(
    part(
      signed("good", `${made.wasThere ? "already there" : "created"}: environment ${shortDigest(made.digest)}`),
      insetFacts([
        ["groups", made.groups.join(", ") || "base"],
        ["python", made.python],
      ]),
    ),
  );
}

const freedMarks: Readonly<Record<Freed["state"], Mark>> = { "to free": "note", freed: "good", kept: "none" };

/** Shapes what was or would be freed. `again` is the command that frees it. */
export function freedSpace(
  { items, totalBytes, isDone }: OperationOutput<"environment.collect">,
  again: string,
): readonly Section[] {
  if (items.length === 0) return report(part(line("There is nothing to free.")));
  const count = items.filter((it) => it.state !== "kept").length;
  return report(
    part(
      table(
        items,
        [
          { title: "kind", value: (it) => it.kind },
          { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
          { title: "", value: (it) => it.state },
        ],
        { mark: (it) => freedMarks[it.state], below: (it) => `${it.reason}: ${it.path}` },
      ),
    ),
    part(
      line(
        `${isDone ? "Freed" : "Would free"} ${formatBytes(totalBytes)} (${counted(count, "item")})${isDone ? "" : "; nothing was removed"}.`,
      ),
    ),
    isDone || count === 0 ? undefined : nextSteps([again]),
  );
}

const checkMarks: Readonly<Record<Check["state"], Mark>> = { ok: "good", warning: "warning", problem: "bad" };

/** Shapes the checks of the doctor; a problem is followed by how to fix it. */
export function machineChecks(found: OperationOutput<"environment.check">): readonly Section[] {
  const { problems, warnings } = found;
  return report(
    part(
      checks(
        found.checks.map((it) => ({
          mark: checkMarks[it.state],
          name: it.name,
          text: it.found,
          fix: it.fix ?? undefined,
        })),
      ),
    ),
    part(
      problems + warnings === 0
        ? signed("good", "Everything is in order.")
        : line(`${counted(problems, "problem")}, ${counted(warnings, "warning")}.`),
    ),
  );
}
