import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Question } from "../src-core/contract/operation.ts";
import { answerQuestion } from "./answer-question.ts";

async function answer(kind: Question["kind"], typed: string | null) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answered = answerQuestion({ kind, name: "TOKEN", message: "Token of the remote?" }, { input, output });
  if (typed === null) input.end();
  else input.write(typed);
  const value = await answered;
  return { value, shown: String(output.read() ?? "") };
}

describe("a question of an operation", () => {
  it("takes what is typed, and shows a secret to nobody", async () => {
    const secret = await answer("secret", "hunter2\n");
    expect(secret.value).toBe("hunter2");
    expect(secret.shown).toBe("Token of the remote? \n");
    expect((await answer("text", "me\n")).value).toBe("me");
  });

  it("is declined by an empty line, the end of the input and anything but a yes", async () => {
    for (const [kind, typed] of [
      ["text", "\n"],
      ["secret", "\n"],
      ["text", null],
      ["confirmation", "n\n"],
    ] as const)
      expect((await answer(kind, typed)).value, `${kind} ${typed}`).toBeNull();
    expect((await answer("confirmation", "y\n")).value).toBe("yes");
  });
});
