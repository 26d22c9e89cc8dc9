import { defineConfig } from "vitest/config";

const isLong = process.env.SIGNALBOX_LONG === "1";
const minute = 60_000;

// Tests compare file modes with those of DVC, and give files to other users. A stricter umask of the caller would change both.
process.umask(0o022);

/** What a test may take decides where it belongs: 5 s in `unit`; what starts servers, kills processes or runs commands is a system test. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src-*/**/*.test.ts", "workers/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.system.test.ts"],
          // Four times what a unit test may take: a machine at other work must not make it fail.
          testTimeout: isLong ? 4 * minute : 20_000,
          hookTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["src-*/**/*.system.test.ts", "workers/**/*.system.test.ts", "test/**/*.test.ts"],
          testTimeout: 4 * minute,
          hookTimeout: 5 * minute,
        },
      },
    ],
  },
});
