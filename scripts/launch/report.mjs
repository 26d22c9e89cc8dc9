/** A failure of the set-up that a person can mend: what went wrong, and the next step. */
export class SetupError extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(message);
    this.name = "SetupError";
    this.hint = hint;
  }
}

/** @param {number} ms */
function duration(ms) {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/**
 * Runs one step of the set-up and says on standard error what it does and how long it took. Standard output stays free
 * for the command that the set-up is for.
 * @template T @param {string} title @param {() => Promise<T>} work
 */
export async function step(title, work) {
  const start = performance.now();
  const isTerminal = process.stderr.isTTY === true;
  process.stderr.write(isTerminal ? `${title} …` : `${title} …\n`);
  try {
    const result = await work();
    const took = duration(performance.now() - start);
    process.stderr.write(isTerminal ? `\r${title}: ${took}\x1b[K\n` : `${title}: ${took}\n`);
    return result;
  } catch (error) {
    if (isTerminal) process.stderr.write("\n");
    throw error;
  }
}

const patterns = [
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network|getaddrinfo/i,
    hint: "The network or the package registry can't be reached. Check the connection (and the proxy, if you need one), then run the command again.",
  },
  {
    sign: /ENOSPC|EDQUOT|no space left/i,
    hint: "The disk is full. Free some space (about 2 GiB), then run the command again.",
  },
  {
    sign: /EACCES|EPERM|permission denied/i,
    hint: "A folder can't be written. Give yourself permission on it, or set SIGNALBOX_HOME to a folder of your own, then run the command again.",
  },
  {
    sign: /E404|ETARGET/,
    hint: "The registry lacks a package of the lock. Check which registry npm uses: npm config get registry",
  },
  {
    sign: /EINTEGRITY/,
    hint: "A downloaded package isn't what the lock says. Empty npm's cache (npm cache clean --force) and run the command again.",
  },
];

/** What to do about a tool's failure, judged by what it said. @param {string} output @param {string} otherwise */
export function hintFor(output, otherwise) {
  return patterns.find(({ sign }) => sign.test(output))?.hint ?? otherwise;
}
