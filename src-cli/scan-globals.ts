/** The options of every command. */
export interface GlobalOptions {
  readonly project?: string;
  readonly trackingUri?: string;
  readonly json: boolean;
  readonly jsonl: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
  readonly detach: boolean;
}

/** The parts of a command line: the options of every command, and the words of this command. */
export interface ScannedArguments {
  readonly argv: readonly string[];
  readonly globals: GlobalOptions;
  /** Words and options of the command, up to `--`. */
  readonly own: readonly string[];
  /** Words after `--`, which are never options. */
  readonly after: readonly string[];
  readonly asksHelp: boolean;
  readonly asksVersion: boolean;
  /** A global option whose value is missing, as it was typed. */
  readonly lacksValue?: string;
}

const switches = new Map<string, Exclude<keyof GlobalOptions, "project" | "trackingUri">>([
  ["--json", "json"],
  ["--jsonl", "jsonl"],
  ["--quiet", "quiet"],
  ["-q", "quiet"],
  ["--no-color", "noColor"],
  ["--detach", "detach"],
]);
const texts = new Map<string, "project" | "trackingUri">([
  ["--project", "project"],
  ["--tracking-uri", "trackingUri"],
]);
const isHelp = (word: string | undefined): boolean => word === "--help" || word === "-h";

/** Scans a command line once. Never throws, because the way errors are shown depends on the result. */
export function scanArguments(argv: readonly string[]): ScannedArguments {
  const globals: { -readonly [Key in keyof GlobalOptions]: GlobalOptions[Key] } = {
    json: false,
    jsonl: false,
    quiet: false,
    noColor: false,
    detach: false,
  };
  const own: string[] = [];
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  let [asksHelp, asksVersion]: [boolean, boolean] = [false, false];
  let lacksValue: string | undefined;
  for (let at = 0; at < end; at++) {
    const word = argv[at] ?? "";
    const { name, inline } = splitWord(word);
    const text = texts.get(name);
    const flag = switches.get(word);
    if (text !== undefined) {
      // A request for help counts even in the place of a value.
      const hasNext = inline === undefined && at + 1 < end && !isHelp(argv[at + 1]);
      const value = hasNext ? argv[++at] : inline;
      if (value) globals[text] = value;
      else lacksValue ??= word;
    } else if (flag !== undefined) globals[flag] = true;
    else if (isHelp(word)) asksHelp = true;
    else if (own.length === 0 && !asksHelp && (word === "--version" || word === "-V")) asksVersion = true;
    else own.push(word);
  }
  const found = { argv, globals, own, after: argv.slice(end), asksHelp, asksVersion };
  return lacksValue === undefined ? found : { ...found, lacksValue };
}

/** Splits `--name=value` into its two parts. */
export function splitWord(word: string): { readonly name: string; readonly inline?: string } {
  const at = word.indexOf("=");
  return at > 0 ? { name: word.slice(0, at), inline: word.slice(at + 1) } : { name: word };
}
