import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { Mark } from "../labels.ts";
import { shortRun } from "../names.ts";
import { counted } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { line, part, report, section, table, text, toned } from "../shape.ts";

type Reproduction = OperationOutput<"runs.reproduce">;
type Row = Reproduction["rows"][number];

const tones = { reproduced: "good", different: "bad", "not comparable": "caution" } as const;

/** Shapes a reproduction. Equal things are counted by kind; differences are shown one by one. */
export function reproduction({ runId, outcome, reason, rows, scratch }: Reproduction): readonly Section[] {
  const of = (wanted: Row["outcome"]) => rows.filter((row) => row.outcome === wanted);
  return report(
    part(
      line(toned(`Reproduction of run ${shortRun(runId)}`, "strong"), "  ", toned(outcome, tones[outcome])),
      text(reason),
    ),
    section("Different", differences(of("different"), "bad")),
    section("Not comparable", differences(of("not comparable"), "unclear")),
    section("Equal", ...equals(of("equal"))),
    scratch === null ? undefined : part(line(`Scratch folder: ${scratch}`)),
  );
}

function differences(rows: readonly Row[], mark: Mark): Block | undefined {
  return table(
    rows,
    [
      { title: "kind", value: (row) => row.kind },
      { title: "name", value: (row) => row.name, shrink: 1, least: 20 },
      { title: "original", value: (row) => short(row.original) },
      { title: "again", value: (row) => short(row.again) },
    ],
    { mark: () => mark, below: (row) => row.note },
  );
}

/** Shortens digests. Numbers are shown in full, because they may differ in the last digit. */
function short(value: string | null): string | null {
  return value !== null && /^[0-9a-f]{32,}$/.test(value) ? value.slice(0, 12) : value;
}

function equals(rows: readonly Row[]): readonly (Block | undefined)[] {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  return kinds.map((kind) => {
    const names = rows.filter((row) => row.kind === kind).map((row) => row.name);
    return text(`${counted(names.length, kind)}: ${names.join(", ")}`, { mark: "good" });
  });
}
