/** A failure of the set-up that the user can fix: what went wrong, and the next step. */
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
 * Runs one step of the set-up and reports on standard error what it does and how long it took. Standard output stays free
 * for the command that needs the set-up.
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
    hint: "You have no permission to write to a folder. Change its permissions, or set SIGNALBOX_HOME to another folder, then run the command again.",
  },
  {
    sign: /E404|ETARGET/,
    hint: "The registry doesn't have a package of the lock. Check which registry npm uses: npm config get registry",
  },
  {
    sign: /EINTEGRITY/,
    hint: "A downloaded package doesn't match the lock. Empty npm's cache (npm cache clean --force), then run the command again.",
  },
];

/** Finds the next step after a tool's failure, by its output. @param {string} output @param {string} otherwise */
export function hintFor(output, otherwise) {
  return patterns.find(({ sign }) => sign.test(output))?.hint ?? otherwise;
}
