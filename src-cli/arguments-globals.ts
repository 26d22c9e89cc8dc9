/** The options of every command, for help, completion and suggestions. */
export const globalFlags = [
  {
    name: "project",
    valueName: "DIR",
    description: "Folder of the project; by default, the nearest project above the current folder",
  },
  { name: "tracking-uri", valueName: "URI", description: "MLflow server to use instead of the one of the project" },
  { name: "json", description: "Print one JSON document on standard output" },
  { name: "jsonl", description: "Print progress as JSON lines; the last line is the result" },
  { name: "quiet", short: "q", description: "Show no progress" },
  { name: "no-color", description: "Use no colour, as with NO_COLOR" },
  { name: "detach", description: "Return at once; the operation continues in the background" },
  { name: "help", short: "h", description: "Show the help of a command" },
] as const;
