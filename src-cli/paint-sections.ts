import type { Block, Check, Section, Span, StageLine, Term } from "../src-view/section.ts";
import { insertGlobals } from "./global-words.ts";
import { mark, marked, paintTone } from "./marks.ts";
import { clip, widthOf } from "./measure.ts";
import { paintGate } from "./paint-gate.ts";
import { paint, plain, plainLine, type Screen } from "./screen.ts";
import { factLines, matrixLines, tableLines } from "./table.ts";
import { hanging, indented, inner, lines, pad, parts, stepLines } from "./text.ts";

/** Paints a report: sections are separated by an empty line, and their content is indented below the title. */
export function paintSections(sections: readonly Section[], screen: Screen): string {
  return parts(...sections.map((section) => paintSection(section, screen)));
}

function paintSection({ title, blocks }: Section, screen: Screen): string {
  if (title === undefined) return lines(...blocks.map((block) => paintBlock(block, screen)));
  const body = lines(...blocks.map((block) => paintBlock(block, inner(screen))));
  return `${paint(screen, "bold", plainLine(title))}\n${indented(body)}`;
}

export function paintBlock(block: Block, screen: Screen): string {
  switch (block.kind) {
    case "line":
      return (block.mark === undefined ? "" : `${mark(screen, block.mark)} `) + paintSpans(block.spans, screen);
    case "text":
      return paintText(block, screen);
    case "verbatim":
      return plain(block.text);
    case "facts":
      return block.isInset === true ? indented(factLines(inner(screen), block.facts)) : factLines(screen, block.facts);
    case "table":
      return tableLines(screen, block);
    case "matrix":
      return matrixLines(screen, block);
    case "checks":
      return paintChecks(block.checks, screen);
    case "stages":
      return block.stages.map((stage) => paintStage(stage, screen)).join("\n");
    case "terms":
      return paintTerms(block.terms, screen);
    case "gate":
      return paintGate(block, screen);
    case "steps":
      return stepLines(screen, block.commands);
    default:
      return block satisfies never;
  }
}

function paintSpans(spans: readonly Span[], screen: Screen): string {
  return spans.map(({ text, tone }) => paintTone(screen, tone, plainLine(text))).join("");
}

/** Columns that a name may take if a text follows on its line. */
export const longestName = 28;

function paintText(block: Extract<Block, { kind: "text" }>, screen: Screen): string {
  if (block.mark !== undefined) return marked(screen, block.mark, block);
  const lead = block.name === undefined ? (block.lead ?? "") : `${clip(plainLine(block.name), longestName)}  `;
  return paintTone(screen, block.tone, hanging(screen, lead, block.text));
}

/** Paints one line per check; a problem is followed by how to fix it. */
function paintChecks(checks: readonly Check[], screen: Screen): string {
  const width = Math.max(0, ...checks.map((it) => widthOf(plainLine(it.name))));
  return checks
    .map(({ mark: sign, name, text, fix }) =>
      lines(
        marked(screen, sign, { lead: `  ${pad(plainLine(name), width)}  `, text }),
        fix === undefined
          ? ""
          : paint(screen, "cyan", paintFix(insertGlobals(fix, screen.globals ?? []), width + 4, screen)),
      ),
    )
    .join("\n");
}

/** A command stays on one line, however long: it is there to be copied. */
function paintFix(fix: string, indent: number, screen: Screen): string {
  const commands = fix.split("\n").filter((it) => / {3}# /.test(it));
  const words = fix
    .split("\n")
    .filter((it) => !commands.includes(it))
    .join("\n");
  const arrow = `${" ".repeat(indent)}→ `;
  return lines(
    words === "" ? "" : hanging(screen, arrow, words),
    ...commands.map((it, at) => `${words === "" && at === 0 ? arrow : " ".repeat(indent + 2)}${plainLine(it)}`),
  );
}

function paintStage({ mark: sign, name, time, text }: StageLine, screen: Screen): string {
  return marked(screen, sign, { lead: `  ${pad(name, 8)} ${pad(time, 11, "right")}  `, text }).trimEnd();
}

function paintTerms(terms: readonly Term[], screen: Screen): string {
  const width = Math.min(24, Math.max(0, ...terms.map((it) => widthOf(plainLine(it.name)))));
  const indent = " ".repeat(width + 2);
  return lines(
    ...terms.map(({ name, text, why }) => {
      const shown = plainLine(name);
      const head =
        widthOf(shown) > width
          ? `${shown}\n${hanging(screen, indent, plainLine(text))}`
          : hanging(screen, `${pad(shown, width)}  `, plainLine(text));
      return lines(head, why === "" ? "" : paint(screen, "dim", hanging(screen, indent, plainLine(why))));
    }),
  );
}
