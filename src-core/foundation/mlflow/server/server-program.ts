import path from "node:path";
import { appRoot } from "../../files/entry-points.ts";

/** The managed server as one Python program, run with `python -I` in the server's folder; its argument is the idle time in seconds. */
export const serverProgram: string = path.join(appRoot, "trainer", "programs", "mlflow_server.py");

/** Exit code of the program if its folder already has a server. */
export const alreadyServedExitCode = 75;
