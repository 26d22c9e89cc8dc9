import { commandText } from "../../src-core/contract/command-text.ts";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import { shortDigest, shortRun } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { line, nextSteps, part, report, table, text, toned, verbatim } from "../shape.ts";

type Version = OperationOutput<"configs.list">["versions"][number];

export function configurations({ versions, actions }: OperationOutput<"configs.list">): readonly Section[] {
  if (versions.length === 0) return report(part(line("There are no versions.")));
  return report(
    part(
      table(
        versions,
        [
          { title: "version", value: (it) => `${it.kind} ${it.version}` },
          { title: "state", value: stateOf, tone: (it) => (it.isChanged ? "bad" : it.isActive ? "good" : undefined) },
          { title: "frozen by", value: (it) => (it.firstRunId === null ? null : shortRun(it.firstRunId)) },
          { title: "digest", value: (it) => shortDigest(it.digest) },
          { title: "file", value: (it) => it.path, shrink: 1, least: 16, keeps: "end" },
        ],
        { mark: (it) => (it.isChanged ? "bad" : it.isActive ? "good" : "note") },
      ),
    ),
    actions.length > 0
      ? nextSteps(actions.map((step) => `${commandText(step, () => undefined)}  # ${step.why}`))
      : undefined,
  );
}

function stateOf(it: Version): string {
  if (it.isChanged) return it.digest === null ? "missing" : "changed";
  const words = [it.isActive ? "active" : "", it.isAllowed ? "" : "not allowed"].filter((word) => word !== "");
  return words.join(", ") || (it.isFrozen ? "used" : "unused");
}

/** Shapes a version and the content of its file. */
export function oneConfiguration(version: OperationOutput<"configs.show">): readonly Section[] {
  const frozen = version.firstRunId === null ? "" : `, frozen by run ${shortRun(version.firstRunId)}`;
  return report(
    part(
      line(toned(`${version.kind} ${version.version}`, "strong"), `  ${stateOf(version)}${frozen}`),
      line(toned(`${version.path}  sha256 ${shortDigest(version.digest)}`, "quiet")),
    ),
    part(verbatim(version.text.trimEnd())),
  );
}

/** Shapes the differences between two versions. */
export function configurationChanges({ kind, from, to, changes }: OperationOutput<"configs.diff">): readonly Section[] {
  const title = toned(`${kind} ${from} → ${to}`, "strong");
  if (changes.length === 0) return report(part(line(title, ": no differences")));
  return report(part(line(title, `: ${counted(changes.length, "difference")}`), ...changes.flatMap(changeBlocks)));
}

function changeBlocks(change: OperationOutput<"configs.diff">["changes"][number]): readonly (Block | undefined)[] {
  return [
    line(`${change.path} `, toned(change.change, "quiet")),
    text(change.before, { lead: "  - ", tone: "bad" }),
    text(change.after, { lead: "  + ", tone: "good" }),
  ];
}
