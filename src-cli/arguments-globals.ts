/** Options that every command takes, for help, completion and suggestions. */
export const globalFlags = [
  {
    name: "project",
    valueName: "DIR",
    description: "The project's folder; the nearest one above this folder when absent.",
  },
  { name: "tracking-uri", valueName: "URI", description: "The MLflow server to use instead of the project's." },
  { name: "json", description: "One JSON document on standard output." },
  { name: "jsonl", description: "Progress as JSON lines, the result as the last." },
  { name: "quiet", short: "q", description: "No progress." },
  { name: "no-color", description: "No colour (as NO_COLOR)." },
  { name: "detach", description: "Return at once; the operation goes on in the background." },
  { name: "help", short: "h", description: "Help for a command." },
] as const;
