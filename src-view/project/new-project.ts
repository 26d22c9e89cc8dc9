import type { OperationOutput } from "../../src-core/contract/index.ts";
import { counted } from "../numbers.ts";
import type { Section } from "../section.ts";
import { line, nextSteps, part, report, section, signed, terms, text, toned } from "../shape.ts";

/** Shapes the new project and its decisions with their reasons, which the user should review. */
export function newProject(made: OperationOutput<"projects.init">): readonly Section[] {
  const { git, rows } = made;
  const commit = git.commit === null ? "" : ` (${git.commit.slice(0, 7)})`;
  return report(
    part(
      signed("good", "Project ", toned(made.name, "strong"), rows === null ? "" : `  ${counted(rows, "row")}`),
      line(`  ${made.dir}`),
    ),
    section("Warnings", ...made.warnings.map((it) => text(it, { mark: "warning" }))),
    section("Decided", terms(made.decisions.map((it) => ({ name: it.topic, text: it.choice, why: it.reason })))),
    section("Not used as features", terms(made.leftOut.map((it) => ({ name: it.column, text: it.reason, why: "" })))),
    section("Files", text(made.files.filter((it) => !it.startsWith(".")).join("  "))),
    section("Git", text(`${git.mode}: ${git.note}${commit}`)),
    nextSteps(made.next),
  );
}
