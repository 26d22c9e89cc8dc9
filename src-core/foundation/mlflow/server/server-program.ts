import path from "node:path";
import { appRoot } from "../../files/entry-points.ts";

/** The managed server as one Python program, run with `python -I` in the server's folder; its argument is the idle time in seconds. */
export const serverProgram: string = path.join(appRoot, "trainer", "programs", "mlflow_server.py");

/** What the program exits with where its folder has a server already. */
export const alreadyServedExitCode = 75;
