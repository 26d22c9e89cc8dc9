import { mlflowServer, openedPage, startedServer, stoppedServer } from "../../src-view/project/mlflow-server.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const mlflowViews: Views = {
  "mlflow.start": (output, screen) => paintSections(startedServer(output, screen.now), screen),
  "mlflow.status": (output, screen) => paintSections(mlflowServer(output, screen.now), screen),
  "mlflow.stop": (output, screen) => paintSections(stoppedServer(output), screen),
  "mlflow.open": (output, screen) => paintSections(openedPage(output), screen),
};
