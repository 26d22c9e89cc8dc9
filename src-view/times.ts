/** A measured time in milliseconds: "840 ms", "3.4 s", "2 min 5 s", "1 h 2 min". */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A measured time in seconds, as `formatDuration` writes it; "–" where there is none. */
export function formatSeconds(seconds: number | null): string {
  return seconds === null ? "–" : formatDuration(seconds * 1_000);
}

/** An estimated time in seconds, no finer than an estimate is: "40 s", "3 min", "2 h"; "–" where there is none. */
export function roughDuration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}

/** How long ago, in the largest unit that says it: "8 min ago", "3 days ago". Both in milliseconds since 1970 UTC. */
export function ageOf(time: number, now: number): string {
  const seconds = Math.round((now - time) / 1_000);
  if (seconds < 0) return "in the future";
  if (seconds < 60) return seconds < 5 ? "just now" : `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

/** Local time to the minute: "2026-11-21 12:04". */
export function localTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "2026-11-21 12:04 (8 min ago)". */
export function timeWithAge(time: number, now: number): string {
  return `${localTime(time)} (${ageOf(time, now)})`;
}
