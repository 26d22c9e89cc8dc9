import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { Section } from "../section.ts";
import { facts, part, report, table, text } from "../shape.ts";

/** Shapes the policy, and where each value comes from. */
export function policy(output: OperationOutput<"routing.configShow">): readonly Section[] {
  const relaxed = `relaxed: ${output.marks.join(", ")}; recorded in every artifact`;
  return report(
    output.marks.length === 0 ? undefined : part(text(relaxed, { mark: "warning" })),
    part(
      table(output.values, [
        { title: "key", value: (it) => it.key, tone: (it) => (it.origin === "default" ? "quiet" : undefined) },
        { title: "value", value: (it) => it.value, align: "right", shrink: 1, least: 12 },
        { title: "from", value: (it) => it.origin },
      ]),
    ),
    part(
      facts([
        ["file", output.file ?? "none: all values are defaults (set others in configs/routing.yaml)"],
        ["digest", output.digest.slice(0, 12)],
      ]),
    ),
  );
}

export function checkedPolicy(output: OperationOutput<"routing.configCheck">): readonly Section[] {
  const marks = output.marks.length === 0 ? "" : ` (${output.marks.join(", ")})`;
  return report(
    part(text(`${output.file ?? "the default policy"} and signalbox.yaml are valid${marks}`, { mark: "good" })),
    part(
      table(output.targets, [
        { title: "target", value: (it) => it.name, shrink: 2, least: 10 },
        { title: "task", value: (it) => it.task },
        { title: "scored by", value: (it) => it.metric },
        { title: "horizon", value: (it) => it.tier },
        { title: "families", value: (it) => it.families.join(", "), shrink: 3, least: 16 },
        { title: "gate", value: (it) => it.gate, shrink: 1, least: 12, keeps: "end" },
      ]),
    ),
    part(facts([["segments", output.segments ?? "none: only pooled models"]])),
  );
}
