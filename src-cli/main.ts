import { guardMessages, guardOutput } from "./guard-output.ts";
import { answerFromManifest, printAnswer } from "./help-answer.ts";
import { readManifest } from "./read-manifest.ts";
import { type ScannedArguments, scanArguments } from "./scan-globals.ts";

/** The command line. In the bundle, `start.ts` runs first and answers calls for help itself. */
async function main(scanned: ScannedArguments): Promise<void> {
  const manifest = await readManifest();
  const answer = answerFromManifest(scanned, () => manifest);
  if (answer !== undefined) return printAnswer(answer);
  guardMessages();
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(scanned, { manifest, node: process.execPath });
}

guardOutput();
void main(scanArguments(process.argv.slice(2)));
