import type { Progress } from "../src-core/contract/operation.ts";
import { formatBytes, formatCount } from "../src-view/numbers.ts";
import { formatDuration } from "../src-view/times.ts";
import { mark } from "./marks.ts";
import { clip } from "./measure.ts";
import { plainLine, type Screen } from "./screen.ts";
import { hanging } from "./text.ts";

export interface ProgressView {
  /** `operation`: the id of the long operation that it is of. */
  show(progress: Progress, operation?: string): void;
  /** Clears the live line. Call it before printing anything else. */
  end(): void;
}

/** Writes progress as JSON lines, one object per event. */
export function jsonLines(write: (text: string) => void): ProgressView {
  return {
    show: (progress, operation) =>
      write(
        `${JSON.stringify({ type: "progress", ...(operation === undefined ? {} : { operation }), ...progress })}\n`,
      ),
    end: () => {},
  };
}

export const silent: ProgressView = { show: () => {}, end: () => {} };

/** Without a terminal, a long stage reports at this interval. */
const heartbeatMs = 10_000;
const redrawMs = 100;

interface Clocks {
  readonly now: () => number;
  /** Calls back at an interval; returns a function that stops it. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

const clocks: Clocks = {
  now: Date.now,
  every: (ms, tick) => {
    const timer = setInterval(tick, ms).unref();
    return () => clearInterval(timer);
  },
};

/**
 * Shows progress on standard error: a line per finished stage, and on a terminal a live line below with a bar. It is redrawn at most ten
 * times a second, so frequent events cost nothing. Without a terminal, a long stage reports its progress every ten seconds.
 */
export function humanProgress(
  stream: NodeJS.WriteStream,
  screen: Screen,
  { now, every }: Clocks = clocks,
): ProgressView {
  const isLive = stream.isTTY === true && screen.isDumb !== true;
  const startedAt = new Map<string, number>();
  let current: Progress | undefined;
  let isDrawn = false;
  let stop: (() => void) | undefined;

  const clear = () => {
    if (isDrawn) stream.write("\r\u001b[2K");
    isDrawn = false;
  };
  const draw = () => {
    if (current === undefined) return;
    const began = startedAt.get(current.stage ?? "");
    const text = clip(liveLine(current, began === undefined ? undefined : now() - began), screen.width - 1);
    // Clear and write in one call, so the terminal never shows an empty line in between.
    stream.write(isLive ? `${isDrawn ? "\r\u001b[2K" : ""}${text}` : `${text}\n`);
    isDrawn = isLive;
  };
  const keepDrawing = () => {
    stop ??= every(isLive ? redrawMs : heartbeatMs, draw);
  };
  const finished = (progress: Progress) => {
    clear();
    const began = startedAt.get(progress.stage ?? "");
    const elapsed = progress.elapsedMs ?? (began === undefined ? undefined : now() - began);
    stream.write(`${endLine(progress, progress.state === "skipped" ? undefined : elapsed, screen)}\n`);
    current = undefined;
    stop?.();
    stop = undefined;
  };

  return {
    show(progress) {
      const stage = progress.stage ?? "";
      if (!startedAt.has(stage) || progress.state === "started") startedAt.set(stage, now());
      if (progress.state === "finished" || progress.state === "skipped" || progress.state === "failed")
        return finished(progress);
      if (progress.stage === undefined && progress.message !== undefined && progress.done === undefined) {
        clear();
        stream.write(`${hanging(screen, "  ", progress.message)}\n`);
        return;
      }
      // A new message without a count begins another phase of the stage, which the bar of the last phase doesn't describe.
      const isNewPhase = progress.message !== undefined && progress.done === undefined;
      const shown: Progress = current !== undefined && current.stage === progress.stage && !isNewPhase ? current : {};
      const { outcome, ...before } = shown;
      // An outcome belongs to its message, not to the next one.
      const kept = outcome === undefined || progress.message !== undefined ? {} : { outcome };
      current = { ...before, ...kept, ...progress };
      keepDrawing();
    },
    end() {
      stop?.();
      clear();
    },
  };
}

const endMarks = { finished: "good", skipped: "none", failed: "bad" } as const;

function endLine(progress: Progress, elapsedMs: number | undefined, screen: Screen): string {
  const sign = mark(screen, endMarks[progress.state as keyof typeof endMarks]);
  const time = elapsedMs === undefined ? "" : formatDuration(elapsedMs);
  const lead = `  ${plainLine(progress.stage ?? "").padEnd(8)} ${time.padStart(11)}  `;
  return (sign + hanging(screen, lead, progress.message ?? "").slice(1)).trimEnd();
}

function liveLine(progress: Progress, elapsedMs: number | undefined): string {
  const texts = [
    `… ${plainLine(progress.stage ?? "").padEnd(8)} ${(elapsedMs === undefined ? "" : formatDuration(elapsedMs)).padStart(11)} `,
  ];
  if (progress.done !== undefined && progress.total !== undefined && progress.total > 0) {
    const share = Math.min(1, progress.done / progress.total);
    const filled = Math.floor(share * barWidth);
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    texts.push(`${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${percent}`, amount(progress));
  } else if (progress.done !== undefined) texts.push(amountSoFar(progress));
  if (progress.outcome !== undefined) texts.push(outcomeSigns[progress.outcome]);
  if (progress.message !== undefined) texts.push(plainLine(progress.message));
  return texts.join(" ");
}

const barWidth = 20;
const outcomeSigns = { succeeded: "✓", failed: "✗", skipped: "–" } as const;

function amountSoFar({ done = 0, unit = "" }: Progress): string {
  return unit === "bytes" ? formatBytes(done) : `${formatCount(done)} ${unitOf(done, unit)}`.trimEnd();
}

function amount(progress: Progress): string {
  const { done = 0, total = 0, unit = "" } = progress;
  if (unit === "bytes") return `${formatBytes(done)} of ${formatBytes(total)}`;
  return `${formatCount(done)} of ${formatCount(total)} ${unitOf(total, unit)}`.trimEnd();
}

/** A unit is reported in the plural: "tests", "rows". */
function unitOf(count: number, unit: string): string {
  return count === 1 ? unit.replace(/s$/, "") : unit;
}
