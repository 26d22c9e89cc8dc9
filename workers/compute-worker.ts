import { parentPort } from "node:worker_threads";
import { type BlockRequest, makeBlockComputer } from "../src-core/foundation/compute/worker-protocol.ts";

const compute = makeBlockComputer();

parentPort?.on("message", (request: BlockRequest) => {
  const reply = compute(request);
  parentPort?.postMessage(reply, "values" in reply ? [reply.values.buffer as ArrayBuffer] : []);
});
