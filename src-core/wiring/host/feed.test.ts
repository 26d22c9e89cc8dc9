import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import { openCatalogue } from "../../foundation/catalogue/open.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import type { FeedEvent } from "../../rpc/wire.ts";
import { followFeed } from "./feed.ts";

it("tells a subscriber to fetch all again where the declarations can't be loaded any more", async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-feed-"));
  mkdirSync(path.join(root, ".signalbox"));
  const catalogue = openCatalogue(projectPaths(root).catalogueFile);
  const events: FeedEvent[] = [];
  const answers = () => Promise.reject(new Error("Cannot find module"));
  const parts = { projectDir: root, catalogue: () => catalogue, answers };
  const end = followFeed(parts, { intervalMs: 10 }, (event) => events.push(event));
  try {
    await vi.waitFor(() => expect(events).toHaveLength(1));
    catalogue.write((writer) => noteChange(writer, "runs", ["r1"]));
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events[1]).toMatchObject({
      changes: [{ subject: "runs", ids: ["r1"] }],
      operations: [],
      mustRefetch: true,
    });
  } finally {
    end();
    catalogue.close();
    rmSync(root, { recursive: true, force: true });
  }
});
