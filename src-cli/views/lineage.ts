import type { OperationOutput } from "../../src-core/contract/index.ts";
import { lineageTree, type TreeLine } from "../../src-view/records/lineage-tree.ts";
import { clip, widthOf } from "../measure.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { lines } from "../text.ts";
import type { Views } from "../view.ts";

export const lineageViews: Views = {
  "lineage.show": (output, screen) => {
    switch (output.format) {
      case "tree":
        return tree(output, screen);
      case "json":
        return JSON.stringify({ subject: output.subject, nodes: output.nodes, edges: output.edges }, null, 2);
      case "dot":
      case "mermaid":
        return output.text ?? "";
      default:
        return output.format satisfies never;
    }
  },
};

function tree(output: OperationOutput<"lineage.show">, screen: Screen): string {
  const shaped = lineageTree(output);
  if (shaped === undefined) return "";
  return lines(
    line(shaped.subject, screen, "bold"),
    ...shaped.ways.flatMap((way) => [
      `${paint(screen, "cyan", way.title)}${way.lines.length === 0 ? "  nothing" : ""}`,
      ...way.lines.map((it) => line(it, screen)),
    ]),
  );
}

/** Remarks that don't fit are omitted, the last first. The label is cut only if there is no other way. */
function line({ branch, label, remarks }: TreeLine, screen: Screen, style?: "bold"): string {
  const shown = clip(plainLine(label), Math.max(8, screen.width - widthOf(branch)));
  let text = "";
  for (const remark of remarks.map(plainLine)) {
    if (widthOf(branch) + widthOf(shown) + widthOf(text) + 2 + widthOf(remark) > screen.width) break;
    text += `  ${remark}`;
  }
  return `${branch}${style === undefined ? shown : paint(screen, style, shown)}${paint(screen, "dim", text)}`;
}
