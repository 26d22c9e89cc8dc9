import { commandText, type FindForm } from "../src-core/contract/command-text.ts";
import { type AppError, type EncodedError, encodeError } from "../src-core/contract/errors.ts";
import { widthOf } from "./measure.ts";
import { paint, plain, plainLine, type Screen, type Style } from "./screen.ts";
import { hanging } from "./text.ts";

const label = "       ";

/** Renders an error for the user: message, findings, next steps, code. */
export function renderError(error: AppError, screen: Screen, find: FindForm): string {
  const lines = [labelled(screen, ["error", "red"], hanging(screen, label, error.message))];
  for (const finding of findingsOf(error)) lines.push(hanging(screen, `${label}- `, finding));
  const advice = [
    ...(error.hint === undefined ? [] : [hanging(screen, label, error.hint)]),
    ...commandsOf(error, find).map((it) => commandLine(screen, it)),
  ].join("\n");
  if (advice !== "") lines.push(labelled(screen, ["next", "cyan"], advice));
  lines.push(paint(screen, "dim", `code   ${error.code}`));
  if (error.code === "internal/unexpected" && error.cause instanceof Error && error.cause.stack !== undefined) {
    lines.push(paint(screen, "dim", plain(error.cause.stack)));
  }
  return lines.join("\n");
}

/** Renders an error that is a question: what would be done, and the commands that would do it. */
export function renderQuestion(error: AppError, screen: Screen, find: FindForm): string {
  const commands = commandsOf(error, find).map(({ command }) => command);
  return `${plain(error.message)}\n${paint(screen, "dim", plain([error.hint ?? "", ...commands].join("\n").trim()))}\nDo it now?`;
}

/** Renders a cancellation, which isn't an error: one line, and the commands that return to the operation. */
export function renderCancelled(error: AppError, find: FindForm): string {
  const commands = commandsOf(error, find).map(({ command, why }) => ` ${command} ${why}.`);
  return plain(`${error.message}${commands.join("")}`);
}

/** Encodes an error for a script. For compatibility, its hint contains the commands too. */
export function errorDocument(error: AppError, find: FindForm): EncodedError {
  const commands = commandsOf(error, find).map(({ command, why }) => `${command}   # ${why}`);
  const hint = [...(error.hint === undefined ? [] : [error.hint]), ...commands].join("\n");
  return hint === "" ? encodeError(error) : { ...encodeError(error), hint };
}

interface CommandLine {
  readonly command: string;
  readonly why: string;
}

function commandsOf({ code, next = [], details }: AppError, find: FindForm): readonly CommandLine[] {
  const steps = next.flatMap((step) => {
    const command = commandText(step, find);
    return command === undefined ? [] : [{ command, why: step.why }];
  });
  const refused =
    code === "rpc/invalid-input" && typeof details?.operation === "string" ? find(details.operation) : null;
  if (refused) steps.push({ command: `signalbox ${refused.path} --help`, why: "shows its arguments and options" });
  return steps;
}

/** A command is never broken, so it can be copied. Its effect follows on the same line if there is room. */
function commandLine(screen: Screen, { command, why }: CommandLine): string {
  const line = `${label}${plainLine(command)}`;
  if (why === "") return line;
  return widthOf(line) + 2 + widthOf(why) <= screen.width
    ? `${line}  ${paint(screen, "dim", plainLine(why))}`
    : `${line}\n${paint(screen, "dim", hanging(screen, `${label}  `, why))}`;
}

function labelled(screen: Screen, [name, style]: readonly [string, Style], text: string): string {
  return paint(screen, style, name) + text.slice(name.length);
}

/** Reads the findings of an error that lists several: strings in `details.findings`. */
function findingsOf(error: AppError): readonly string[] {
  const findings = error.details?.findings;
  return Array.isArray(findings) ? findings.map((it) => (typeof it === "string" ? it : JSON.stringify(it))) : [];
}
