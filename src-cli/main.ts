import { answerFromManifest, printAnswer } from "./help-answer.ts";
import { readManifest } from "./read-manifest.ts";

/** The command line itself. From the bundle `start.ts` comes first and keeps calls for help away from here. */
async function main(argv: readonly string[]): Promise<void> {
  const manifest = await readManifest();
  const answer = answerFromManifest(argv, () => manifest);
  if (answer !== undefined) return printAnswer(answer);
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(argv, manifest);
}

void main(process.argv.slice(2));
