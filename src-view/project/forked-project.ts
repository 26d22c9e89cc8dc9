import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { Section } from "../section.ts";
import { facts, line, nextSteps, part, report, section, signed, text, toned } from "../shape.ts";

type Forked = OperationOutput<"projects.fork">;

/** Shapes what a fork changed, and what the two projects still share. */
export function forkedProject({ dir, file, before, after, shared, own, next }: Forked): readonly Section[] {
  return report(
    part(
      signed(
        "good",
        "Project ",
        toned(after.name, "strong"),
        before.id === null ? " has an id now" : " is its own now",
      ),
      line(`  ${dir}`),
    ),
    section(
      `Changed in ${file}`,
      facts([
        ["id", changed(before.id ?? "none", after.id)],
        ["name", changed(before.name, after.name)],
        ["experiment", changed(before.experiment, after.experiment)],
        ["registered model", changed(before.registeredModel, after.registeredModel)],
      ]),
    ),
    section("Shared as before", ...shared.map((it) => text(it))),
    section("Its own from now on", ...own.map((it) => text(it))),
    nextSteps(next),
  );
}

function changed(before: string, after: string | null): string {
  return before === after ? `${before} (unchanged)` : `${after}   (before: ${before})`;
}
