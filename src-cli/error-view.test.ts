import { describe, expect, it } from "vitest";
import { askingStep, nextStep } from "../src-core/contract/build-step.ts";
import { AppError } from "../src-core/contract/errors.ts";
import type { NextStep } from "../src-core/contract/next-step.ts";
import { answerTo } from "./ask.ts";
import { formsOf } from "./command-of.ts";
import { errorDocument, renderCancelled, renderError, renderQuestion } from "./error-view.ts";
import { buildManifest } from "./manifest.ts";

const find = formsOf(buildManifest("1.2.3"));
const screen = { width: 80, hasColor: false, now: 0 };

const full = new AppError({
  code: "files/disk-full",
  message: "The disk is full.",
  hint: "Free space, then run the command again.",
  next: [nextStep("environment.collect", {}, "shows what it can free")],
});

describe("an error for the user", () => {
  it("shows the advice, then the commands of its steps with their effects", () => {
    expect(renderError(full, screen, find)).toBe(
      [
        "error  The disk is full.",
        "next   Free space, then run the command again.",
        "       signalbox gc  shows what it can free",
        "code   files/disk-full",
      ].join("\n"),
    );
  });

  it("begins with the command if there is no advice, and never breaks it", () => {
    const why = "asks the gate first, and then moves the alias to what the gate has found to be better";
    const next = [askingStep("promotion.override", { input: { run: "latest" }, asks: ["reason"] }, why)];
    const [, command, ...others] = renderError(new AppError({ ...full, hint: undefined, next }), screen, find).split(
      "\n",
    );
    expect(command).toBe("next   signalbox promotion override latest --reason REASON");
    expect(others.slice(0, -1).join(" ").replaceAll(/\s+/g, " ").trim()).toBe(why);
  });

  it("names the help of a command whose input was refused", () => {
    const error = new AppError({
      code: "rpc/invalid-input",
      message: "limit is 0; expected at least 1.",
      details: { operation: "runs.list" },
    });
    expect(renderError(error, screen, find)).toContain(
      "next   signalbox runs list --help  shows its arguments and options",
    );
  });
});

it("an error for a script has its steps as data and its hint in words", () => {
  expect(errorDocument(full, find)).toEqual({
    code: "files/disk-full",
    message: "The disk is full.",
    hint: "Free space, then run the command again.\nsignalbox gc   # shows what it can free",
    next: full.next,
  });
});

it("a cancellation is one line that says how to return", () => {
  const error = new AppError({
    code: "internal/cancelled",
    message: "Stopped following; operation 7 continues.",
    next: [nextStep("operations.follow", { id: "7" }, "returns to it")],
  });
  expect(renderCancelled(error, find)).toBe(
    "Stopped following; operation 7 continues. signalbox operations follow 7 returns to it.",
  );
});

describe("a question", () => {
  const remove = nextStep("environment.remove", { digest: "abc", yes: true }, "removes it");
  const add = nextStep("environment.add", { group: "lightgbm" }, "installs it");
  const question = (...next: readonly NextStep[]) =>
    new AppError({ code: "cli/needs-answer", message: "Remove it?", next });

  it("is answered by the step that replaces the command", () => {
    const asked = question({ ...remove, answers: "instead" });
    expect(answerTo(asked, find)).toEqual({ commands: [["env", "remove", "abc", "--yes"]], runsAgain: false });
    expect(renderQuestion(asked, screen, find)).toBe("Remove it?\nsignalbox env remove abc --yes\nDo it now?");
  });

  it("is answered by the step that comes first, then the command runs again", () => {
    const commands = [["env", "add", "lightgbm"]];
    expect(answerTo(question({ ...add, answers: "first" }), find)).toEqual({ commands, runsAgain: true });
  });

  it("isn't an error whose steps only advise", () => {
    expect(answerTo(question(remove), find)).toBeUndefined();
    expect(answerTo(full, find)).toBeUndefined();
  });
});
