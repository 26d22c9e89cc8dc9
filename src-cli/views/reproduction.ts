import type { OperationOutput } from "../../src-core/contract/index.ts";
import { mark } from "../marks.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { hanging, inner, lines, parts, section, shortRun } from "../text.ts";

type Reproduction = OperationOutput<"runs.reproduce">;
type Row = Reproduction["rows"][number];

/** What came out the same and what did not. Equal things are counted by kind, differences shown one by one. */
export function reproduction({ runId, outcome, reason, rows, scratch }: Reproduction, screen: Screen): string {
  const style = outcome === "reproduced" ? "green" : outcome === "different" ? "red" : "yellow";
  const of = (wanted: Row["outcome"]) => rows.filter((row) => row.outcome === wanted);
  const body = inner(screen);
  return parts(
    lines(
      `${paint(screen, "bold", `Reproduction of run ${shortRun(runId)}`)}  ${paint(screen, style, outcome)}`,
      hanging(screen, "", reason),
    ),
    section(screen, "Different", differences(of("different"), body, "bad")),
    section(screen, "Not comparable", differences(of("not comparable"), body, "unclear")),
    section(screen, "Equal", equals(of("equal"), body)),
    scratch === null ? "" : `Scratch folder: ${plainLine(scratch)}`,
  );
}

function differences(rows: readonly Row[], screen: Screen, sign: "bad" | "unclear"): string {
  return table(
    screen,
    rows,
    [
      { title: "kind", value: (row) => row.kind },
      { title: "name", value: (row) => row.name, shrink: 1, least: 20 },
      { title: "original", value: (row) => short(row.original) },
      { title: "again", value: (row) => short(row.again) },
    ],
    { mark: () => mark(screen, sign), below: (row) => row.note },
  );
}

/** A digest's beginning; figures in full, since a difference may be in the last digit. */
function short(value: string | null): string | null {
  return value !== null && /^[0-9a-f]{32,}$/.test(value) ? value.slice(0, 12) : value;
}

function equals(rows: readonly Row[], screen: Screen): string {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  return kinds
    .map((kind) => {
      const names = rows.filter((row) => row.kind === kind).map((row) => row.name);
      return (
        mark(screen, "good") + hanging(screen, "  ", `${counted(names.length, kind)}: ${names.join(", ")}`).slice(1)
      );
    })
    .join("\n");
}
