import type { OperationOutput } from "../../src-core/contract/index.ts";
import { mark } from "../marks.ts";
import { counted } from "../numbers.ts";
import { paint, plain, plainLine, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { hanging, indented, lines, nextSteps, parts, shortDigest, shortRun } from "../text.ts";
import type { Views } from "../view.ts";

type Version = OperationOutput<"configs.list">["versions"][number];

export const configsViews: Views = {
  "configs.list": ({ versions }, screen) => (versions.length === 0 ? "No versions." : list(versions, screen)),
  "configs.show": (output, screen) =>
    parts(
      lines(
        `${paint(screen, "bold", `${output.kind} ${output.version}`)}  ${stateOf(output)}${output.firstRunId === null ? "" : `, frozen by run ${shortRun(output.firstRunId)}`}`,
        paint(screen, "dim", `${plainLine(output.path)}  sha256 ${shortDigest(output.digest)}`),
      ),
      plain(output.text.trimEnd()),
    ),
  "configs.diff": diff,
};

function list(versions: readonly Version[], screen: Screen): string {
  const isChanged = versions.some((it) => it.isChanged);
  return parts(
    table(
      screen,
      versions,
      [
        { title: "version", value: (it) => `${it.kind} ${it.version}` },
        { title: "state", value: stateOf, style: (it) => (it.isChanged ? "red" : it.isActive ? "green" : undefined) },
        { title: "frozen by", value: (it) => (it.firstRunId === null ? null : shortRun(it.firstRunId)) },
        { title: "digest", value: (it) => shortDigest(it.digest) },
        { title: "file", value: (it) => it.path, shrink: 1, least: 16, keeps: "end" },
      ],
      { mark: (it) => mark(screen, it.isChanged ? "bad" : it.isActive ? "good" : "note") },
    ),
    isChanged
      ? nextSteps(screen, [
          "git checkout -- configs  # a frozen file comes back as the run used it; changes go into a new version",
        ])
      : "",
  );
}

function stateOf(it: Version): string {
  if (it.isChanged) return it.digest === null ? "missing" : "changed";
  const words = [it.isActive ? "active" : "", it.isAllowed ? "" : "not allowed"].filter((word) => word !== "");
  return words.join(", ") || (it.isFrozen ? "used" : "unused");
}

function diff({ kind, from, to, changes }: OperationOutput<"configs.diff">, screen: Screen): string {
  const title = paint(screen, "bold", `${kind} ${from} → ${to}`);
  if (changes.length === 0) return `${title}: they say the same`;
  return lines(
    `${title}: ${counted(changes.length, "difference")}`,
    ...changes.map((change) => {
      const before = change.before === null ? "" : paint(screen, "red", hanging(screen, "  - ", change.before));
      const after = change.after === null ? "" : paint(screen, "green", hanging(screen, "  + ", change.after));
      return lines(
        `${plainLine(change.path)} ${paint(screen, "dim", change.change)}`,
        indented(lines(before, after), 0),
      );
    }),
  );
}
