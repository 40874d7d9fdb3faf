import type { MlflowMount } from '../../mlflow/mount.ts'

/** The version of MLflow whose protocol is spoken here. Clients ask for it before they send spans, which they do from 3.4
 *  on; from 3.10 on they know workspaces. */
export const MLFLOW_VERSION = '3.11.1'

/** What clients of MLflow, and whoever watches over servers, ask of a server itself. */
export function serveServerToMlflow(mount: MlflowMount): void {
  const texts = { '/health': 'OK', '/version': MLFLOW_VERSION }
  for (const [path, text] of Object.entries(texts))
    mount({ act: 'installation.health', method: 'GET', path }, async (_input, { reply }) =>
      reply.type('text/plain; charset=utf-8').send(text),
    )
  mount({ act: 'installation.health', method: 'GET', path: 'server-info', versions: ['3.0'] }, async () => ({
    store_type: 'SqlStore',
    workspaces_enabled: true,
  }))
}
