import { installationStatus, openApi, readPlatform, serverHealth } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { type Installation, VERSION } from './installation.ts'

export function serveInstallation(
  mount: Mount,
  installation: Installation,
  describe: () => Record<string, unknown>,
): void {
  mount(installationStatus, () => installation.status())
  mount(readPlatform, () => installation.platform())
  mount(serverHealth, async (_request, { reply }) => {
    const ready = await installation.ready()
    return reply.code(ready ? 200 : 503).send({ ready, version: VERSION })
  })
  mount(openApi, async (_request, { reply }) => reply.send(describe()))
}
