import { AppError } from "../src-core/contract/errors.ts";
import { globalFlags } from "./arguments-globals.ts";
import type { Command, Manifest, Parameter } from "./manifest.ts";
import { isOnByDefault } from "./on-by-default.ts";

/** Completion scripts, from the manifest: words of commands, then options and their choices. */
export function completionScript(shell: string, manifest: Manifest): string {
  if (shell === "bash") return bash(manifest);
  if (shell === "zsh") return zsh(manifest);
  if (shell === "fish") return fish(manifest);
  throw new AppError({
    code: "cli/usage",
    message: `There is no completion for '${shell}'.`,
    hint: "Use bash, zsh or fish. For bash, run: source <(signalbox completion bash)",
  });
}

const shells = ["bash", "zsh", "fish"] as const;
/** Commands of the command line itself, which aren't operations. */
const own = ["help", "completion"] as const;

/** For a flag that is on by default, only the form that turns it off is useful. */
const offered = (it: Parameter): string => (isOnByDefault(it) ? `no-${it.name}` : it.name);

const described = (it: Parameter): string => `${isOnByDefault(it) ? "Don't: " : ""}${it.description}`;

const optionsOf = (command: Command): string[] => [
  ...command.options.map((it) => `--${offered(it)}`),
  ...globalFlags.map((it) => `--${it.name}`),
];

function nextWords(manifest: Manifest): Map<string, Set<string>> {
  const next = new Map<string, Set<string>>();
  for (const command of manifest.commands) {
    command.words.forEach((word, index) => {
      const before = command.words.slice(0, index).join(" ");
      next.set(before, (next.get(before) ?? new Set()).add(word));
    });
  }
  return next;
}

/** Options of any command, and global ones, that take the next word as their value. */
function valueOptions(manifest: Manifest): readonly string[] {
  const own = manifest.commands.flatMap((it) => it.options.filter((option) => option.kind !== "flag"));
  const names = [...own.map((it) => it.name), ...globalFlags.filter((it) => "valueName" in it).map((it) => it.name)];
  return [...new Set(names)].map((name) => `--${name}`);
}

/** The commands as patterns of a shell, the longest first. */
function byLength(manifest: Manifest): readonly Command[] {
  return [...manifest.commands].sort((a, b) => b.words.length - a.words.length);
}

/** Possible values of a word, by what precedes it: `ledger export --format`, or a command and its number of arguments (`stage 0`). */
function valueChoices(manifest: Manifest): readonly (readonly [before: string, values: readonly string[]])[] {
  return manifest.commands.flatMap((it) => {
    const command = it.words.join(" ");
    const valuesAt = (place: string, choices: readonly string[] | undefined) =>
      choices === undefined ? [] : [[`${command} ${place}`, choices] as const];
    return [
      ...it.options.flatMap((option) => valuesAt(`--${option.name}`, option.choices)),
      ...it.positionals.flatMap((argument, at) => valuesAt(`${at}`, argument.choices)),
    ];
  });
}

function bash(manifest: Manifest): string {
  const next = [...nextWords(manifest)].map(
    ([before, words]) => `    "${before}") words="${[...words, ...(before === "" ? own : [])].join(" ")}" ;;`,
  );
  const commands = byLength(manifest).map((it) => {
    const name = it.words.join(" ");
    return `    "${name}"|"${name} "*) command="${name}"; options="${optionsOf(it).join(" ")}" ;;`;
  });
  const choices = valueChoices(manifest).map(([before, values]) => `    "${before}") words="${values.join(" ")}" ;;`);
  return `# Completion of signalbox for bash. Load: source <(signalbox completion bash)
_signalbox() {
  local current="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD - 1]}"
  local typed="" command="" words="" options="" word="" skips="" index given
  # bash breaks --name=value into three words.
  [[ "$current" == "=" ]] && current=""
  [[ "$last" == "=" ]] && last="\${COMP_WORDS[COMP_CWORD - 2]}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ -n "$skips" ]]; then [[ "$word" == "=" ]] || skips=""; continue; fi
    case "$word" in
    ${valueOptions(manifest).join("|")}) skips=1 ;;
    -*) ;;
    *) typed="\${typed:+$typed }$word" ;;
    esac
  done
  case "$typed" in
${commands.join("\n")}
  esac
  if [[ "$last" == "--project" ]]; then COMPREPLY=($(compgen -d -- "$current")); return; fi
  if [[ -n "$skips" ]]; then given="$last"
  else given="\${typed#"$command"}"; given=($given); given="\${#given[@]}"; fi
  case "\${command:-$typed} $given" in
${choices.join("\n")}
  esac
  if [[ -z "$skips" && -z "$words" ]]; then case "$typed" in
${next.join("\n")}
  help) words="${[...(nextWords(manifest).get("") ?? [])].join(" ")}" ;;
  completion) words="${shells.join(" ")}" ;;
  esac; fi
  if [[ -z "$skips" && "$current" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n "$words" ]]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
  else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _signalbox signalbox
`;
}

function zsh(manifest: Manifest): string {
  const quote = (text: string) => text.replaceAll("'", "’").replaceAll(":", "\\:");
  const list = (words: Iterable<string>) => [...words].map((it) => `'${it}'`).join(" ");
  const next = [...nextWords(manifest)].map(
    ([before, words]) => `    '${before}') commands=(${list([...words, ...(before === "" ? own : [])])}) ;;`,
  );
  const commands = byLength(manifest).map((it) => {
    const name = it.words.join(" ");
    const options = list(it.options.map((option) => `--${offered(option)}:${quote(described(option))}`));
    return `    '${name}'|'${name} '*) command='${name}'; options=(${options}) ;;`;
  });
  const choices = valueChoices(manifest).map(([before, values]) => `    '${before}') values=(${list(values)}) ;;`);
  return `#compdef signalbox
# Completion of signalbox for zsh. Load: source <(signalbox completion zsh)
_signalbox() {
  local -a commands options globals values rest
  globals=(${list(globalFlags.map((it) => `--${it.name}:${quote(it.description)}`))})
  local typed="" command="" skips="" last="\${words[CURRENT - 1]}" index
  for ((index = 2; index < CURRENT; index++)); do
    if [[ -n "$skips" ]]; then skips=""; continue; fi
    case "\${words[index]}" in
    ${valueOptions(manifest).join("|")}) skips=1 ;;
    -*) ;;
    *) typed="\${typed:+$typed }\${words[index]}" ;;
    esac
  done
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    skips=1
    last="\${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  case "$typed" in
${next.join("\n")}
    help) commands=(${list(nextWords(manifest).get("") ?? [])}) ;;
    completion) commands=(${list(shells)}) ;;
  esac
  case "$typed" in
${commands.join("\n")}
  esac
  rest=(\${=typed#$command})
  case "$command \${\${skips:+$last}:-\${#rest}}" in
${choices.join("\n")}
  esac
  if (( \${#values} )); then _describe value values
  elif [[ -n "$skips" ]]; then _files
  elif [[ "\${words[CURRENT]}" == -* ]]; then _describe option options -- globals
  elif (( \${#commands} )); then _describe command commands
  else _files; fi
}
compdef _signalbox signalbox
`;
}

function fish(manifest: Manifest): string {
  const quote = (text: string) => text.replaceAll("'", "\\'");
  const complete = (condition: string, rest: string) => `complete -c signalbox -n "${condition}" ${rest}`;
  const summaries = new Map(manifest.commands.map((it) => [it.words.join(" "), it.summary]));
  const commands = [...nextWords(manifest)].flatMap(([before, words]) =>
    [...words].map((word) => {
      const summary = summaries.get(before === "" ? word : `${before} ${word}`) ?? "";
      return complete(`__signalbox_given '${before}' 0`, `-f -a '${word}' -d '${quote(summary)}'`);
    }),
  );
  const options = manifest.commands.flatMap((command) =>
    command.options.map((option) => {
      const takes = option.kind === "flag" ? "" : option.choices ? ` -x -a '${option.choices.join(" ")}'` : " -r";
      const words = `-l ${offered(option)}${takes} -d '${quote(described(option))}'`;
      return complete(`__signalbox_given '${command.words.join(" ")}'`, words);
    }),
  );
  const positionals = manifest.commands.flatMap((command) =>
    command.positionals.flatMap(({ choices }, at) =>
      choices ? [complete(`__signalbox_given '${command.words.join(" ")}' ${at}`, `-f -a '${choices.join(" ")}'`)] : [],
    ),
  );
  return `# Completion of signalbox for fish. Load: signalbox completion fish | source
# True if this command was typed, followed by this number of words.
function __signalbox_given
  set -l typed
  set -l skips 0
  for word in (commandline -opc)[2..-1]
    if test $skips = 1
      set skips 0
      continue
    end
    switch $word
      case ${valueOptions(manifest).join(" ")}
        set skips 1
      case '-*'
      case '*'
        set -a typed $word
    end
  end
  set -l command (string split -n ' ' -- $argv[1])
  set -l length (count $command)
  test (count $typed) -ge $length; or return 1
  if test $length -gt 0
    test "$typed[1..$length]" = "$argv[1]"; or return 1
  end
  set -q argv[2]; or return 0
  test (math (count $typed) - $length) = $argv[2]
end
${[...commands, ...options, ...positionals].join("\n")}
${complete("__signalbox_given '' 0", `-f -a '${own.join(" ")}'`)}
${complete("__signalbox_given 'completion' 0", `-f -a '${shells.join(" ")}'`)}
${globalFlags.map((flag) => `complete -c signalbox -l ${flag.name} -d '${quote(flag.description)}'`).join("\n")}
`;
}
