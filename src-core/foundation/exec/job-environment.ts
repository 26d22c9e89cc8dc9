type Variables = Readonly<Record<string, string | undefined>>;

/** What a program needs to find its libraries, its language and a place for temporary files; nothing that can hold a secret. */
const inherited = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LANGUAGE",
  // Where locales are that LANG and LC_* name.
  "LOCPATH",
  "LOCALE_ARCHIVE",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
]);

/** Names the interpreter for the word `python` to a runner; the job doesn't get it. */
export const interpreterVariable = "SIGNALBOX_JOB_PYTHON";

/** The whole environment of a job: the allow-list out of `env`, then what the job names itself. */
export function jobEnvironment(env: Variables, named: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && (inherited.has(name) || name.startsWith("LC_"))) kept[name] = value;
  return { ...kept, ...named };
}
