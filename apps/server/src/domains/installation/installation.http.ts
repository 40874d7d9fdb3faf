import { installationStatus, openApi, readPlatform, serverHealth } from '@stead/contracts'
import type { InstallationStatus, ProjectName } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { type Installation, VERSION } from './installation.ts'

export function serveInstallation(
  mount: Mount,
  installation: Installation,
  describe: () => Record<string, unknown>,
): void {
  mount(installationStatus, async (_request, { sees, principal }) => {
    const status = await installation.status()
    return principal.kind === 'local' ? status : seenBy(sees, status)
  })
  mount(readPlatform, () => installation.platform())
  mount(serverHealth, async (_request, { reply }) => {
    const ready = await installation.ready()
    return reply.code(ready ? 200 : 503).send({ ready, version: VERSION })
  })
  mount(openApi, async (_request, { reply }) => reply.send(describe()))
}

/** Runners are everybody's; what they hold is told to those who may see its project. */
function seenBy(sees: (project: ProjectName) => boolean, status: InstallationStatus): InstallationStatus {
  const deployments = status.deployments.filter(({ project }) => sees(project))
  const names = new Set(deployments.map(({ name }) => name))
  const runners = status.runners.map((runner) => ({
    ...runner,
    engines: runner.engines.filter(({ deployment }) => names.has(deployment)),
  }))
  return { ...status, runners, deployments }
}
