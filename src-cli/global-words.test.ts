import { expect, it } from "vitest";
import { commandText, type FindForm } from "../src-core/contract/command-text.ts";
import { AppError } from "../src-core/contract/errors.ts";
import { checks, nextSteps, part, report } from "../src-view/shape.ts";
import { answerTo } from "./ask.ts";
import { renderError } from "./error-view.ts";
import { globalWords, insertGlobals, withGlobals } from "./global-words.ts";
import { paintSections } from "./paint-sections.ts";

const find: FindForm = (operation) => (operation === "runs.list" ? { path: "runs list" } : undefined);
const words = globalWords({ project: "/srv/my shop", trackingUri: "http://host" });
const step = { operation: "runs.list", input: {}, why: "lists the runs" } as const;
const shown = "signalbox --project '/srv/my shop' --tracking-uri http://host runs list";
const screen = { width: 200, hasColor: false, now: 0, globals: words };

it("a command that is shown after a call on another folder's project works on that project, too", () => {
  expect(commandText(step, withGlobals(find, words))).toBe(shown);
  const error = new AppError({ code: "runs/not-found", message: "No.", next: [step] });
  expect(renderError(error, screen, withGlobals(find, words))).toContain(shown);
  const painted = paintSections(report(nextSteps(["signalbox runs list  # lists them"])), screen);
  expect(painted).toContain(`${shown}  lists them`);
  const fix = "Do this.\nsignalbox runs list   # lists them";
  const checked = paintSections(report(part(checks([{ mark: "bad", name: "Runs", text: "none", fix }]))), screen);
  expect(checked).toContain(shown);
});

it("what is answered with yes runs on that project as well", () => {
  const question = new AppError({ code: "cli/needs-answer", message: "?", next: [{ ...step, answers: "instead" }] });
  expect(answerTo(question, withGlobals(find, words))?.commands).toEqual([[...words, "runs", "list"]]);
});

it("a command is left as it is where nothing was given, and so is the word in a sentence", () => {
  expect(globalWords({})).toEqual([]);
  expect(withGlobals(find, [])).toBe(find);
  expect(insertGlobals("signalbox run", [])).toBe("signalbox run");
  expect(insertGlobals("Use signalbox run, or\nsignalboxes.", words)).toBe("Use signalbox run, or\nsignalboxes.");
  expect(insertGlobals("signalbox", ["--project", "$&"])).toBe("signalbox --project '$&'");
});
