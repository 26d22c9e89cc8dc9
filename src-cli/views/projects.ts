import type { OperationOutput } from "../../src-core/contract/index.ts";
import { mark } from "../marks.ts";
import { widthOf } from "../measure.ts";
import { counted } from "../numbers.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { hanging, inner, lines, nextSteps, pad, parts, section } from "../text.ts";
import type { Views } from "../view.ts";

type Init = OperationOutput<"projects.init">;

export const projectsViews: Views = { "projects.init": init };

/** What was made and what was decided for the person, with its reason: the proposal they have to read. */
function init({ dir, name, rows, decisions, leftOut, files, git, next }: Init, screen: Screen): string {
  const body = inner(screen);
  const size = rows === null ? "" : `  ${counted(rows, "row")}`;
  return parts(
    lines(`${mark(screen, "good")} Project ${paint(screen, "bold", plainLine(name))}${size}`, `  ${plainLine(dir)}`),
    section(
      screen,
      "Decided",
      named(
        decisions.map((it) => ({ name: it.topic, text: it.choice, why: it.reason })),
        body,
      ),
    ),
    section(
      screen,
      "Not used as features",
      named(
        leftOut.map((it) => ({ name: it.column, text: it.reason, why: "" })),
        body,
      ),
    ),
    section(screen, "Files", hanging(body, "", files.filter((it) => !it.startsWith(".")).join("  "))),
    section(
      screen,
      "Git",
      hanging(body, "", `${git.mode}: ${git.note}${git.commit === null ? "" : ` (${git.commit.slice(0, 7)})`}`),
    ),
    nextSteps(screen, next),
  );
}

function named(
  entries: readonly { readonly name: string; readonly text: string; readonly why: string }[],
  screen: Screen,
): string {
  const longest = Math.max(0, ...entries.map((it) => widthOf(plainLine(it.name))));
  const width = Math.min(longest, 24);
  return lines(
    ...entries.map(({ name, text, why }) => {
      const shown = plainLine(name);
      const lead = `${pad(shown, width)}  `;
      const indent = " ".repeat(width + 2);
      const head = widthOf(shown) > width ? `${shown}\n${hanging(screen, indent, text)}` : hanging(screen, lead, text);
      return lines(head, why === "" ? "" : paint(screen, "dim", hanging(screen, indent, why)));
    }),
  );
}
