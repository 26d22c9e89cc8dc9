import { AppError } from "../src-core/contract/errors.ts";
import { globalFlags } from "./arguments-globals.ts";
import type { Command, Manifest } from "./manifest.ts";

/** Completion scripts, from the manifest: words of commands, then options and their choices. */
export function completionScript(shell: string, manifest: Manifest): string {
  if (shell === "bash") return bash(manifest);
  if (shell === "zsh") return zsh(manifest);
  if (shell === "fish") return fish(manifest);
  throw new AppError({
    code: "cli/usage",
    message: `No completion for '${shell}'.`,
    hint: "signalbox completion bash, zsh or fish; load it with: source <(signalbox completion bash)",
  });
}

const shells = ["bash", "zsh", "fish"] as const;
/** Commands that are the command line's own and no operation's. */
const own = ["help", "completion"] as const;

const optionsOf = (command: Command): string[] => [
  ...command.options.map((it) => `--${it.name}`),
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

/** Options, of all commands and global, whose next word is their value and not a word of the command. */
function valueOptions(manifest: Manifest): readonly string[] {
  const own = manifest.commands.flatMap((it) => it.options.filter((option) => option.kind !== "flag"));
  const names = [...own.map((it) => it.name), ...globalFlags.filter((it) => "valueName" in it).map((it) => it.name)];
  return [...new Set(names)].map((name) => `--${name}`);
}

/** The command's words stand alone in a shell's pattern, the longest command first. */
function byLength(manifest: Manifest): readonly Command[] {
  return [...manifest.commands].sort((a, b) => b.words.length - a.words.length);
}

function bash(manifest: Manifest): string {
  const next = [...nextWords(manifest)].map(
    ([before, words]) => `    "${before}") words="${[...words, ...(before === "" ? own : [])].join(" ")}" ;;`,
  );
  const commands = byLength(manifest).map((it) => {
    const name = it.words.join(" ");
    return `    "${name}"|"${name} "*) command="${name}"; options="${optionsOf(it).join(" ")}" ;;`;
  });
  const choices = manifest.commands.flatMap((it) => [
    ...it.options.flatMap((option) =>
      option.choices ? [`    "${it.words.join(" ")} --${option.name}") words="${option.choices.join(" ")}" ;;`] : [],
    ),
    ...it.positionals.flatMap((argument, at) =>
      argument.choices ? [`    "${it.words.join(" ")} ${at}") words="${argument.choices.join(" ")}" ;;`] : [],
    ),
  ]);
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
  const first = [...(nextWords(manifest).get("") ?? []), ...own];
  const second = [...nextWords(manifest)].filter(([before]) => before !== "" && !before.includes(" "));
  const options = byLength(manifest).map(
    (it) =>
      `    '${it.words.join(" ")}'|'${it.words.join(" ")} '*) options=(${it.options.map((option) => `'--${option.name}:${quote(option.description)}'`).join(" ")}) ;;`,
  );
  return `#compdef signalbox
# Completion of signalbox for zsh. Load: source <(signalbox completion zsh)
_signalbox() {
  local -a commands options globals
  globals=(${globalFlags.map((it) => `'--${it.name}:${quote(it.description)}'`).join(" ")})
  local typed="" skips="" index
  for ((index = 2; index < CURRENT; index++)); do
    if [[ -n "$skips" ]]; then skips=""; continue; fi
    case "\${words[index]}" in
    ${valueOptions(manifest).join("|")}) skips=1 ;;
    -*) ;;
    *) typed="\${typed:+$typed }\${words[index]}" ;;
    esac
  done
  case "$typed" in
    '') commands=(${first.map((it) => `'${it}'`).join(" ")}) ;;
${second.map(([before, words]) => `    '${before}') commands=(${[...words].map((it) => `'${it}'`).join(" ")}) ;;`).join("\n")}
  esac
  case "$typed" in
${options.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe option options -- globals
  elif (( \${#commands} )); then _describe command commands
  else _files; fi
}
compdef _signalbox signalbox
`;
}

function fish(manifest: Manifest): string {
  const quote = (text: string) => text.replaceAll("'", "\\'");
  const lines = ["# Completion of signalbox for fish. Load: signalbox completion fish | source"];
  const first = new Map(manifest.commands.map((it) => [it.words[0] ?? "", it.words.length === 1 ? it.summary : ""]));
  for (const [word, summary] of first)
    lines.push(`complete -c signalbox -n __fish_use_subcommand -a '${word}' -d '${quote(summary)}'`);
  for (const command of manifest.commands) {
    const [head = "", ...others] = command.words;
    if (others.length > 0) {
      lines.push(
        `complete -c signalbox -n '__fish_seen_subcommand_from ${head}' -a '${others.join(" ")}' -d '${quote(command.summary)}'`,
      );
    }
    const condition = command.words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    for (const option of command.options) {
      const takes = option.kind === "flag" ? "" : option.choices ? ` -x -a '${option.choices.join(" ")}'` : " -r";
      lines.push(`complete -c signalbox -n '${condition}' -l ${option.name}${takes} -d '${quote(option.description)}'`);
    }
  }
  for (const flag of globalFlags) lines.push(`complete -c signalbox -l ${flag.name} -d '${quote(flag.description)}'`);
  return `${lines.join("\n")}\n`;
}
