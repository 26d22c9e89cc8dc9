import type { OperationOutput } from "../../src-core/contract/index.ts";
import { explanation, routeHeading } from "../../src-view/routing/explanation.ts";
import { type RouteMatrix, relaxedRules, routeMatrix, routeReasons } from "../../src-view/routing/routes.ts";
import { paintTone } from "../marks.ts";
import { clip, widthOf } from "../measure.ts";
import { longestName, paintBlock, paintSections } from "../paint-sections.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { pad, parts } from "../text.ts";

/** Renders the matrix of targets and segments, with a letter for each route and the reasons below. */
export function routesView(output: OperationOutput<"routing.show">, screen: Screen): string {
  const shaped = routeMatrix(output);
  const relaxed = relaxedRules(output.marks);
  return parts(
    relaxed === undefined ? "" : paintBlock(relaxed, screen),
    matrix(shaped, screen),
    legend(shaped, screen),
    paintSections(routeReasons(output), screen),
  );
}

/** Renders the matrix in blocks of as many segments as fit the screen. */
function matrix(shaped: RouteMatrix, screen: Screen): string {
  const { targets, segments } = shaped;
  const nameWidth = Math.min(longestName, Math.max(6, ...targets.map(({ name }) => widthOf(plainLine(name)))));
  const width = Math.min(12, Math.max(2, ...segments.map((segment) => widthOf(plainLine(segment)))));
  const perBlock = Math.max(1, Math.floor((screen.width - nameWidth - 6) / (width + 1)));
  const blocks = [];
  for (let from = 0; from === 0 || from < segments.length; from += perBlock)
    blocks.push(block(shaped, { from, to: from + perBlock, nameWidth, width }, screen));
  return blocks.join("\n\n");
}

interface Columns {
  readonly from: number;
  readonly to: number;
  readonly nameWidth: number;
  readonly width: number;
}

function block({ targets, segments }: RouteMatrix, { from, to, nameWidth, width }: Columns, screen: Screen): string {
  const head = [
    pad("", nameWidth),
    " CS ",
    ...segments.slice(from, to).map((segment) => pad(clip(plainLine(segment), width), width)),
  ];
  const rows = targets.map(({ name, isPooled, signs }) => {
    const pooled = isPooled ? paint(screen, "green", "yes") : paint(screen, "dim", "no ");
    const cells = signs
      .slice(from, to)
      .map((it) => (it === undefined ? pad("", width) : paintTone(screen, it.tone, pad(it.sign, width))));
    return [pad(clip(plainLine(name), nameWidth), nameWidth), ` ${pooled}`, ...cells].join(" ").trimEnd();
  });
  return [paint(screen, "bold", head.join(" ").trimEnd()), ...rows].join("\n");
}

function legend({ legend: all }: RouteMatrix, screen: Screen): string {
  const gap = "   ";
  let width = 0;
  return all
    .map(({ sign, tone, text, count }, index) => {
      const rest = ` ${text} (${count})`;
      const own = widthOf(sign + rest);
      const isOnNext = width + gap.length + own > screen.width;
      width = index === 0 || isOnNext ? own : width + gap.length + own;
      return `${index === 0 ? "" : isOnNext ? "\n" : gap}${paintTone(screen, tone, sign)}${rest}`;
    })
    .join("");
}

/** Renders the reasons for a route. The route follows the name of the view on one line if both fit. */
export function explainView(output: OperationOutput<"routing.explain">, screen: Screen): string {
  const { name: foreign, route, tone, signals } = routeHeading(output);
  const name = plainLine(foreign);
  const isShort = widthOf(`${name}: ${route}  (${signals})`) <= screen.width;
  return parts(
    `${paint(screen, "bold", name)}:${isShort ? " " : "\n"}${paintTone(screen, tone, route)}  (${signals})`,
    paintSections(explanation(output), screen),
  );
}
