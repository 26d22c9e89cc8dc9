import type { lineageOperations } from "../../contract/lineage.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { LineageCore } from "./needs.ts";

export function lineageOps(core: LineageCore): Implementations<typeof lineageOperations> {
  return {
    "lineage.show": async ({ subject: text, format, direction, workingFolder }) => {
      const [{ fileNamed, gatherFacts }, { graphOf }, { subjectOf }, { aroundOf }, { dotOf, mermaidOf }] =
        await Promise.all([
          import("./gather.ts"),
          import("./graph.ts"),
          import("./subject.ts"),
          import("./walk.ts"),
          import("./render.ts"),
        ]);
      const facts = await gatherFacts(core);
      const graph = graphOf(facts);
      const subject = subjectOf({ facts, graph, text: text.trim(), file: fileNamed(core, text.trim(), workingFolder) });
      const part = aroundOf(graph, subject.id, direction);
      const rendered = { dot: dotOf, mermaid: mermaidOf, tree: null, json: null }[format];
      return {
        subject: subject.id,
        format,
        direction,
        nodes: [...part.nodes],
        edges: [...part.edges],
        text: rendered === null ? null : rendered(part, subject.id),
      };
    },
  };
}
